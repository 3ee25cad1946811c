import { Fnv1a64 } from "./fnv1a.js";
import { OFFSET_MAX } from "./offset.js";
import { PageBits } from "./page-bits.js";
import {
  ALL_UNKNOWN,
  areUnknown,
  CONTENT_PAGE_BYTES,
  isUnknownPart,
  LAST_IN_PAGE,
  type PageContents,
  type PagePieces,
  piecesOf,
  replaceIn,
  unknownPart,
  unknownPiece,
} from "./page-pieces.js";

/** What one memory object may take up; beyond it, its contents are given up. */
const STORED_BYTES_MAX = 16 << 20;
/** What keeping one piece costs besides its bytes, roughly. */
const PIECE_OVERHEAD_BYTES = 128;

const PAGE_BYTES = BigInt(CONTENT_PAGE_BYTES);
const IN_PAGE = BigInt(LAST_IN_PAGE);

/** Bytes `first..last` of memory; `bytes` is undefined where nobody knows them. */
export interface ContentRun {
  readonly first: bigint;
  readonly last: bigint;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Contents of memory as far as a trace tells them: stored bytes, unknown ones, and zeros where
 * nothing was stored. It costs as much room as was stored, and a bit for a page that nobody knows;
 * more than a limit is not kept: then everything is unknown until it is cleared.
 *
 * Memory is kept by pages: a store costs O(pages it touches), however much was stored before.
 */
export class SparseBytes {
  /** Pages of which nobody knows a byte. */
  private unknown = new PageBits();
  /** Pages that hold something else than unknown bytes only or zeros only. */
  private readonly pages = new Map<number, PageContents>();
  /** Stored since the pieces were last counted, in bytes. */
  private stored_bytes = 0;

  /** What is stored and what is unknown, ascending; between the runs is zero. */
  *runs(): Generator<ContentRun, undefined> {
    const pages = this.pagesUpTo(Number.MAX_SAFE_INTEGER);
    let next = 0;
    for (const { first, last } of this.unknown.within(0, Number.MAX_SAFE_INTEGER)) {
      for (let page = pages[next]; page !== undefined && page < first; page = pages[++next]) {
        yield* this.runsOf(page);
      }
      const end = BigInt(last + 1) * PAGE_BYTES - 1n;
      yield { first: BigInt(first) * PAGE_BYTES, last: end, bytes: undefined };
    }
    for (const page of pages.slice(next)) yield* this.runsOf(page);
  }

  /** Stores a copy of `bytes` at `offset`. */
  write(offset: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const stored = bytes.slice();
    let page = pageOf(offset);
    let first = inPage(offset);
    for (let at = 0; at < stored.length; page++) {
      const last = Math.min(LAST_IN_PAGE, first + (stored.length - at) - 1);
      const piece = { first, last, bytes: stored, at };
      this.pages.set(page, replaceIn(this.takePage(page), first, last, piece));
      at += last - first + 1;
      first = 0;
    }
    this.stored_bytes += bytes.length + PIECE_OVERHEAD_BYTES;
    if (this.stored_bytes > STORED_BYTES_MAX) this.recount();
  }

  /** From now on nobody knows what `first..last` holds. */
  forget(first: bigint, last: bigint): void {
    if (first > last) return;
    this.forgetRun(pageOf(first), inPage(first), pageOf(last), inPage(last));
  }

  /** The same for `length` bytes from `offset` on, both of which are below 2^52. */
  forgetAt(offset: number, length: number): void {
    if (length <= 0) return;
    const page = Math.floor(offset / CONTENT_PAGE_BYTES);
    const end = offset + length - 1;
    const to = Math.floor(end / CONTENT_PAGE_BYTES);
    this.forgetRun(page, offset - page * CONTENT_PAGE_BYTES, to, end - to * CONTENT_PAGE_BYTES);
  }

  /** `first..last` is zero. */
  clear(first: bigint, last: bigint): void {
    if (first > last || (this.pages.size === 0 && this.unknown.count === 0)) return;
    const from = pageOf(first);
    const to = pageOf(last);
    if (from === to) this.clearPart(from, inPage(first), inPage(last));
    else {
      this.clearPart(from, inPage(first), LAST_IN_PAGE);
      this.clearPages(from + 1, to - 1);
      this.clearPart(to, 0, inPage(last));
    }
  }

  /** Everything is zero. */
  reset(): void {
    this.unknown.clear();
    this.pages.clear();
    this.stored_bytes = 0;
  }

  /** The bytes, or undefined where any of them is unknown. Costs O(length). */
  read(offset: bigint, length: number): Uint8Array | undefined {
    const from = pageOf(offset);
    const start = inPage(offset);
    const end = start + length;
    const to = from + Math.floor((end - 1) / CONTENT_PAGE_BYTES);
    if (length > 0 && this.unknown.meets(from, to)) return undefined;
    const result = new Uint8Array(length);
    for (let page = from; this.pages.size > 0 && page <= to; page++) {
      const base = (page - from) * CONTENT_PAGE_BYTES;
      for (const piece of piecesOf(this.pages.get(page))) {
        const first = Math.max(base + piece.first, start);
        const behind = Math.min(base + piece.last + 1, end);
        if (first >= behind) continue;
        if (piece.bytes === undefined) return undefined;
        const at = piece.at + (first - base - piece.first);
        result.set(piece.bytes.subarray(at, at + (behind - first)), first - start);
      }
    }
    return result;
  }

  /** FNV-1a 64 over bytes `0..length-1`; undefined where any of them is unknown. */
  fnv1a64(length: bigint): string | undefined {
    const hash = new Fnv1a64();
    if (length === 0n) return hash.digest();
    const to = pageOf(length - 1n);
    if (this.unknown.meets(0, to)) return undefined;
    let at = 0n;
    for (const page of this.pagesUpTo(to)) {
      for (const { first, last, bytes } of this.runsOf(page)) {
        if (first >= length) break;
        if (bytes === undefined) return undefined;
        hash.updateZeros(first - at);
        const until = last >= length ? length - 1n : last;
        hash.update(bytes.subarray(0, Number(until - first) + 1));
        at = until + 1n;
      }
    }
    hash.updateZeros(length - at);
    return hash.digest();
  }

  clone(): SparseBytes {
    const copy = new SparseBytes();
    copy.unknown = this.unknown.clone();
    for (const [page, contents] of this.pages) copy.pages.set(page, contents);
    copy.stored_bytes = this.stored_bytes;
    return copy;
  }

  /** Bytes that were written over are gone: only what is left counts. */
  private recount(): void {
    this.stored_bytes = 0;
    for (const contents of this.pages.values()) {
      for (const { first, last, bytes } of piecesOf(contents)) {
        if (bytes !== undefined) this.stored_bytes += last - first + 1 + PIECE_OVERHEAD_BYTES;
      }
    }
    if (this.stored_bytes <= STORED_BYTES_MAX / 2) return;
    this.forget(0n, OFFSET_MAX);
    this.stored_bytes = 0;
  }

  /** Nobody knows what lies from byte `first` of page `from` to byte `last` of page `to`. */
  private forgetRun(from: number, first: number, to: number, last: number): void {
    if (from === to) this.forgetPart(from, first, last);
    else {
      this.forgetPart(from, first, LAST_IN_PAGE);
      this.forgetPages(from + 1, to - 1);
      this.forgetPart(to, 0, last);
    }
  }

  private forgetPart(page: number, first: number, last: number): void {
    if (first === 0 && last === LAST_IN_PAGE) {
      if (this.unknown.addPage(page) && this.pages.size > 0) this.pages.delete(page);
      return;
    }
    if (this.unknown.has(page)) return;
    const old = this.pages.get(page);
    if (old === undefined) {
      this.pages.set(page, unknownPart(first, last));
      return;
    }
    if (typeof old === "number" && isUnknownPart(old, first, last)) return;
    this.forgetPieces(page, piecesOf(old), first, last);
  }

  private forgetPieces(page: number, old: PagePieces, first: number, last: number): void {
    if (areUnknown(old, first, last)) return;
    const pieces = replaceIn(old, first, last, unknownPiece(first, last));
    if (areUnknown(pieces, 0, LAST_IN_PAGE)) this.forgetPages(page, page);
    else this.pages.set(page, pieces);
  }

  private forgetPages(first: number, last: number): void {
    if (first > last) return;
    this.unknown.add(first, last);
    this.dropPages(first, last);
  }

  private clearPart(page: number, first: number, last: number): void {
    if (first === 0 && last === LAST_IN_PAGE) {
      this.clearPages(page, page);
      return;
    }
    const pieces = replaceIn(this.takePage(page), first, last, undefined);
    if (pieces.length > 0) this.pages.set(page, pieces);
    else this.pages.delete(page);
  }

  private clearPages(first: number, last: number): void {
    if (first > last) return;
    this.unknown.remove(first, last);
    this.dropPages(first, last);
  }

  private dropPages(first: number, last: number): void {
    const { pages } = this;
    if (last - first < pages.size) {
      for (let page = first; page <= last; page++) pages.delete(page);
    } else {
      for (const page of pages.keys()) if (page >= first && page <= last) pages.delete(page);
    }
  }

  /** What a page holds, when a part of it is about to change. */
  private takePage(page: number): PagePieces {
    if (!this.unknown.has(page)) return piecesOf(this.pages.get(page));
    this.unknown.remove(page, page);
    return ALL_UNKNOWN;
  }

  private pagesUpTo(last: number): number[] {
    return [...this.pages.keys()].filter((page) => page <= last).sort((a, b) => a - b);
  }

  private *runsOf(page: number): Generator<ContentRun, undefined> {
    const base = BigInt(page) * PAGE_BYTES;
    for (const { first, last, bytes, at } of piecesOf(this.pages.get(page))) {
      yield {
        first: base + BigInt(first),
        last: base + BigInt(last),
        bytes: bytes?.subarray(at, at + (last - first) + 1),
      };
    }
  }
}

/** Number of the page that holds a byte: exact for every u64. */
function pageOf(offset: bigint): number {
  const number = Number(offset);
  if (number <= Number.MAX_SAFE_INTEGER) return Math.floor(number / CONTENT_PAGE_BYTES);
  return Number(offset / PAGE_BYTES);
}

/** Where in its page a byte lies. */
function inPage(offset: bigint): number {
  const number = Number(offset);
  return number <= Number.MAX_SAFE_INTEGER ? number % CONTENT_PAGE_BYTES : Number(offset & IN_PAGE);
}
