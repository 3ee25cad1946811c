import { NumberRanges } from "./number-ranges.js";
import {
  CHUNK_PAGES,
  type Chunk,
  clearBits,
  countIn,
  fullChunk,
  hasBit,
  newChunk,
  nextBit,
  setBits,
} from "./page-chunk.js";

/** Pages `first..last`, by number. */
export interface PageRun {
  first: number;
  last: number;
}

/**
 * A set of page numbers below 2^53: a bit a page where a chunk of pages is in the set in part,
 * ranges where whole chunks are. So it costs no more than a chunk for each page that was added, and
 * a look-up costs the same however many there are. A change costs O(chunks it touches).
 */
export class PageBits {
  /** Chunks of which some pages are in the set, by number of the chunk. */
  private readonly chunks = new Map<number, Chunk>();
  /** Numbers of the chunks of which all pages are. */
  private readonly whole = new NumberRanges();
  private _count = 0;

  /** Number of pages in the set. */
  get count(): number {
    return this._count;
  }

  has(page: number): boolean {
    const number = Math.floor(page / CHUNK_PAGES);
    const chunk = this.chunks.get(number);
    if (chunk !== undefined) return hasBit(chunk, page - number * CHUNK_PAGES);
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
      addRunsOf(this.chunks.get(number), number * CHUNK_PAGES, add);
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
    const chunk = this.chunks.get(number);
    if (chunk !== undefined) {
      const at = nextBit(chunk, page - number * CHUNK_PAGES, true);
      if (at < CHUNK_PAGES) return number * CHUNK_PAGES + at;
    }
    return this.firstBehind(number);
  }

  /** The lowest page that is not in the set and not below `page`. */
  nextOut(page: number): number {
    let at = page;
    for (;;) {
      const number = Math.floor(at / CHUNK_PAGES);
      const chunk = this.chunks.get(number);
      if (chunk !== undefined) {
        const next = nextBit(chunk, at - number * CHUNK_PAGES, false);
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
    for (const [number, chunk] of this.chunks) copy.chunks.set(number, chunk.slice());
    for (const { first, last } of this.whole.within(0, Infinity)) copy.whole.add(first, last);
    copy._count = this._count;
    return copy;
  }

  /** Numbers of the chunks of `from..to` of which some pages are in the set, ascending. */
  private chunksIn(from: number, to: number): number[] {
    const found: number[] = [];
    if (to - from < this.chunks.size) {
      for (let number = from; number <= to; number++)
        if (this.chunks.has(number)) found.push(number);
      return found;
    }
    for (const number of this.chunks.keys()) if (number >= from && number <= to) found.push(number);
    return found.sort((a, b) => a - b);
  }

  /** The lowest page of the set in a chunk behind chunk `number`. */
  private firstBehind(number: number): number | undefined {
    let best = this.whole.nextIn(number + 1) ?? Infinity;
    if (this.chunks.has(number + 1)) best = number + 1;
    else for (const other of this.chunks.keys()) if (other > number && other < best) best = other;
    if (best === Infinity) return undefined;
    const chunk = this.chunks.get(best);
    return best * CHUNK_PAGES + (chunk === undefined ? 0 : nextBit(chunk, 0, true));
  }

  private addPart(number: number, start: number, end: number): void {
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      if (this.whole.has(number)) return;
      if (start === 0 && end === CHUNK_PAGES - 1) {
        this.addWhole(number, number);
        return;
      }
      chunk = newChunk();
      this.chunks.set(number, chunk);
    }
    this._count += setBits(chunk, start, end);
    if (countIn(chunk) < CHUNK_PAGES) return;
    this.chunks.delete(number);
    this.whole.add(number, number);
  }

  private removePart(number: number, start: number, end: number): void {
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      if (!this.whole.has(number)) return;
      this.whole.remove(number, number);
      chunk = fullChunk();
      this.chunks.set(number, chunk);
    }
    this._count -= clearBits(chunk, start, end);
    if (countIn(chunk) === 0) this.chunks.delete(number);
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
    for (const number of this.chunksIn(from, to)) {
      this._count -= countIn(chunks.get(number) ?? NO_PAGES);
      chunks.delete(number);
    }
  }
}

const NO_PAGES = newChunk();

/** The runs of pages of a chunk whose first page is `base`. */
function addRunsOf(
  chunk: Chunk = NO_PAGES,
  base: number,
  add: (first: number, last: number) => void,
): void {
  for (let at = nextBit(chunk, 0, true); at < CHUNK_PAGES; ) {
    const end = nextBit(chunk, at, false);
    add(base + at, base + end - 1);
    at = end < CHUNK_PAGES ? nextBit(chunk, end, true) : end;
  }
}
