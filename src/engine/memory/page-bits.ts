import { NumberRanges } from "./number-ranges.js";
import {
  CHUNK_PAGES,
  CHUNK_WORDS,
  clearBits,
  countIn,
  fillChunk,
  hasBit,
  nextBit,
  setBit,
  setBits,
} from "./page-chunk.js";

/** Pages `first..last`, by number. */
export interface PageRun {
  first: number;
  last: number;
}

export const NO_WORDS = new Uint32Array(0);

/**
 * A set of page numbers below 2^53: a bit a page where a chunk of pages is in the set in part,
 * ranges where whole chunks are. So it costs no more than a chunk for each page that was added, and
 * a look-up costs the same however many there are. A change costs O(chunks it touches).
 */
export class PageBits {
  /** Chunks of which some pages are in the set, by number: where in `words` each begins. */
  private readonly chunks = new Map<number, number>();
  private words = NO_WORDS;
  /** Words that were ever given to chunks, and the places that chunks have left. */
  private used_words = 0;
  private readonly left: number[] = [];
  /** Numbers of the chunks of which all pages are. */
  private readonly whole = new NumberRanges();
  private _count = 0;

  /** Number of pages in the set. */
  get count(): number {
    return this._count;
  }

  has(page: number): boolean {
    const number = Math.floor(page / CHUNK_PAGES);
    const base = this.chunks.get(number);
    if (base !== undefined) return hasBit(this.words, base, page - number * CHUNK_PAGES);
    return this.whole.has(number);
  }

  /** Whether any page of `first..last` is in the set. */
  meets(first: number, last: number): boolean {
    if (first === last) return this.has(first);
    const next = this._count === 0 ? undefined : this.nextIn(first);
    return next !== undefined && next <= last;
  }

  /** Whether all pages of `first..last` are in the set. */
  covers(first: number, last: number): boolean {
    return first === last ? this.has(first) : this.nextOut(first) > last;
  }

  add(first: number, last: number): void {
    if (first === last) {
      this.addPage(first);
      return;
    }
    const from = Math.floor(first / CHUNK_PAGES);
    const to = Math.floor(last / CHUNK_PAGES);
    const start = first - from * CHUNK_PAGES;
    const end = last - to * CHUNK_PAGES;
    if (from === to) this.addPart(from, start, end);
    else {
      this.addPart(from, start, CHUNK_PAGES - 1);
      if (from + 1 < to) this.addWhole(from + 1, to - 1);
      this.addPart(to, 0, end);
    }
  }

  /** Adds one page; false when it was in the set. */
  addPage(page: number): boolean {
    const number = Math.floor(page / CHUNK_PAGES);
    let base = this.chunks.get(number);
    if (base === undefined) {
      if (this.whole.has(number)) return false;
      base = this.makeChunk(number);
    }
    if (!setBit(this.words, base, page - number * CHUNK_PAGES)) return false;
    this._count++;
    if (countIn(this.words, base) === CHUNK_PAGES) this.promote(number, base);
    return true;
  }

  remove(first: number, last: number): void {
    if (this._count === 0) return;
    const from = Math.floor(first / CHUNK_PAGES);
    const to = Math.floor(last / CHUNK_PAGES);
    const start = first - from * CHUNK_PAGES;
    const end = last - to * CHUNK_PAGES;
    if (from === to) this.removePart(from, start, end);
    else {
      this.removePart(from, start, CHUNK_PAGES - 1);
      if (from + 1 < to) this.drop(from + 1, to - 1);
      this.removePart(to, 0, end);
    }
  }

  /** Takes all pages out. */
  clear(): void {
    this.chunks.clear();
    this.forgetWords();
    this.whole.clear();
    this._count = 0;
  }

  /** The parts of the set that lie in `first..last`, merged and ascending. */
  within(first: number, last: number): PageRun[] {
    const runs: PageRun[] = [];
    if (this._count === 0) return runs;
    const add = (from: number, to: number): void => {
      const start = Math.max(from, first);
      const end = Math.min(to, last);
      const before = runs[runs.length - 1];
      if (start > end) return;
      if (before !== undefined && before.last + 1 === start) before.last = end;
      else runs.push({ first: start, last: end });
    };
    const from = Math.floor(first / CHUNK_PAGES);
    const to = Math.floor(last / CHUNK_PAGES);
    const whole = this.whole.within(from, to);
    let next = 0;
    for (const number of this.chunksIn(from, to)) {
      for (let run = whole[next]; run !== undefined && run.first < number; run = whole[++next]) {
        add(run.first * CHUNK_PAGES, (run.last + 1) * CHUNK_PAGES - 1);
      }
      this.runsOf(number, add);
    }
    for (const run of whole.slice(next)) {
      add(run.first * CHUNK_PAGES, (run.last + 1) * CHUNK_PAGES - 1);
    }
    return runs;
  }

  /** The lowest page in the set that is not below `page`. */
  nextIn(page: number): number | undefined {
    const number = Math.floor(page / CHUNK_PAGES);
    if (this.whole.has(number)) return page;
    const base = this.chunks.get(number);
    if (base !== undefined) {
      const at = nextBit(this.words, base, page - number * CHUNK_PAGES, true);
      if (at < CHUNK_PAGES) return number * CHUNK_PAGES + at;
    }
    return this.firstBehind(number);
  }

  /** The lowest page that is not in the set and not below `page`. */
  nextOut(page: number): number {
    let at = page;
    for (;;) {
      const number = Math.floor(at / CHUNK_PAGES);
      const base = this.chunks.get(number);
      if (base !== undefined) {
        const next = nextBit(this.words, base, at - number * CHUNK_PAGES, false);
        if (next < CHUNK_PAGES) return number * CHUNK_PAGES + next;
        at = (number + 1) * CHUNK_PAGES;
        continue;
      }
      const end = this.whole.endOf(number);
      if (end === undefined) return at;
      at = (end + 1) * CHUNK_PAGES;
    }
  }

  clone(): PageBits {
    const copy = new PageBits();
    for (const [number, base] of this.chunks) copy.chunks.set(number, base);
    copy.words = this.words.slice();
    copy.used_words = this.used_words;
    copy.left.push(...this.left);
    for (const { first, last } of this.whole.within(0, Infinity)) copy.whole.add(first, last);
    copy._count = this._count;
    return copy;
  }

  /** Numbers of the chunks of `from..to` of which some pages are in the set, ascending. */
  private chunksIn(from: number, to: number): number[] {
    const { chunks } = this;
    const found: number[] = [];
    if (to - from < chunks.size) {
      for (let number = from; number <= to; number++) if (chunks.has(number)) found.push(number);
      return found;
    }
    for (const number of chunks.keys()) if (number >= from && number <= to) found.push(number);
    return found.sort((a, b) => a - b);
  }

  /** The runs of pages of a chunk. */
  private runsOf(number: number, add: (first: number, last: number) => void): void {
    const { words } = this;
    const base = this.chunks.get(number);
    if (base === undefined) return;
    const page = number * CHUNK_PAGES;
    for (let at = nextBit(words, base, 0, true); at < CHUNK_PAGES; ) {
      const end = nextBit(words, base, at, false);
      add(page + at, page + end - 1);
      at = end < CHUNK_PAGES ? nextBit(words, base, end, true) : end;
    }
  }

  /** The lowest page of the set in a chunk behind chunk `number`. */
  private firstBehind(number: number): number | undefined {
    let best = this.whole.nextIn(number + 1) ?? Infinity;
    if (this.chunks.has(number + 1)) best = number + 1;
    else for (const other of this.chunks.keys()) if (other > number && other < best) best = other;
    if (best === Infinity) return undefined;
    const base = this.chunks.get(best);
    return best * CHUNK_PAGES + (base === undefined ? 0 : nextBit(this.words, base, 0, true));
  }

  private addPart(number: number, start: number, end: number): void {
    let base = this.chunks.get(number);
    if (base === undefined) {
      if (this.whole.has(number)) return;
      if (start === 0 && end === CHUNK_PAGES - 1) {
        this.addWhole(number, number);
        return;
      }
      base = this.makeChunk(number);
    }
    this._count += setBits(this.words, base, start, end);
    if (countIn(this.words, base) === CHUNK_PAGES) this.promote(number, base);
  }

  /** All pages of the chunk are in the set now. */
  private promote(number: number, base: number): void {
    this.dropChunk(number, base);
    this.whole.add(number, number);
  }

  private removePart(number: number, start: number, end: number): void {
    let base = this.chunks.get(number);
    if (base === undefined) {
      if (!this.whole.has(number)) return;
      this.whole.remove(number, number);
      base = this.makeChunk(number);
      fillChunk(this.words, base);
    }
    this._count -= clearBits(this.words, base, start, end);
    if (countIn(this.words, base) === 0) this.dropChunk(number, base);
  }

  private addWhole(from: number, to: number): void {
    this.drop(from, to);
    this.whole.add(from, to);
    this._count += (to - from + 1) * CHUNK_PAGES;
  }

  /** Takes whole chunks out of the set. */
  private drop(from: number, to: number): void {
    const { chunks, whole } = this;
    for (const { first, last } of whole.within(from, to)) {
      this._count -= (last - first + 1) * CHUNK_PAGES;
    }
    whole.remove(from, to);
    if (chunks.size === 0) return;
    for (const number of this.chunksIn(from, to)) {
      const base = chunks.get(number) ?? 0;
      this._count -= countIn(this.words, base);
      this.dropChunk(number, base);
    }
  }

  /** A chunk without pages; gives where it begins. */
  private makeChunk(number: number): number {
    const again = this.left.pop();
    const base = again ?? this.used_words;
    if (again !== undefined) this.words.fill(0, again, again + CHUNK_WORDS);
    else {
      this.used_words += CHUNK_WORDS;
      if (this.used_words > this.words.length) {
        const larger = new Uint32Array(Math.max(this.used_words, this.words.length * 2));
        larger.set(this.words);
        this.words = larger;
      }
    }
    this.chunks.set(number, base);
    return base;
  }

  private dropChunk(number: number, base: number): void {
    this.chunks.delete(number);
    if (this.chunks.size > 0) this.left.push(base);
    else this.forgetWords();
  }

  /** No chunk needs them any more. */
  private forgetWords(): void {
    this.words = NO_WORDS;
    this.used_words = 0;
    this.left.length = 0;
  }
}
