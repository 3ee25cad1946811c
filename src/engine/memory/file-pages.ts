import { RangeTree } from "../iommufd/areas-tree.js";
import type { MemoryObject } from "./memory-object.js";
import { OFFSET_MAX } from "./offset.js";
import { PageSet } from "./page-set.js";
import { SparseBytes } from "./sparse-bytes.js";

/** A run of pages that left a file, with the seq of the event that freed them. */
export interface FreedPages {
  readonly first_page: bigint;
  readonly last_page: bigint;
  readonly freed_seq: number;
}

/** The same as the tree keeps it. */
interface FreedRun {
  readonly first: bigint;
  readonly last: bigint;
  readonly seq: number;
}

/**
 * The pages of a memfd or tmpfs file: what they hold, which of them exist, and since when an offset
 * has no longer the page it had. A live update carries this object to the next kernel: there the
 * file is another one, the pages are the same.
 */
export class FilePages implements MemoryObject {
  readonly kind = "file";
  readonly contents = new SparseBytes();
  /** Pages that are allocated. */
  readonly present = new PageSet();
  /** Allocated pages that hold data (or zeros that someone asked for): SEEK_DATA finds these. */
  readonly uptodate = new PageSet();
  private readonly freed = new RangeTree<FreedRun>();
  private readonly bytes_per_page: number;
  private _untracked = false;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    /** Bytes of one page of the file; more than the machine's page size for hugetlb. */
    readonly page_bytes: bigint,
    readonly huge_bytes: bigint | undefined,
  ) {
    this.bytes_per_page = Number(page_bytes);
  }

  /**
   * True while there is a mapping whose stores the trace does not show: nobody knows what the pages
   * hold, and nothing that is written stays known.
   */
  get untracked(): boolean {
    return this._untracked;
  }

  set untracked(untracked: boolean) {
    if (untracked || this._untracked) this.contents.forget(0n, OFFSET_MAX);
    this._untracked = untracked;
  }

  /** The bytes at `offset`, or undefined where they are not known. */
  read(offset: bigint, length: number): Uint8Array | undefined {
    return this._untracked ? undefined : this.contents.read(offset, length);
  }

  /** FNV-1a 64 over bytes `0..length-1`, or undefined where they are not known. */
  fnv1a64(length: bigint): string | undefined {
    return this._untracked ? undefined : this.contents.fnv1a64(length);
  }

  pageOf(offset: bigint): bigint {
    return offset / this.page_bytes;
  }

  /** Bytes are stored at `offset`; `length` counts, `bytes` may be shorter where a trace cut it. */
  store(offset: bigint, length: bigint, bytes: Uint8Array | undefined): void {
    if (length === 0n) return;
    const last = offset + length - 1n;
    const known = BigInt(Math.min(bytes?.length ?? 0, Number(length)));
    this.fill(this.pageOf(offset), this.pageOf(last));
    if (this._untracked) {
      this.contents.forget(offset, last);
      return;
    }
    if (bytes !== undefined) this.contents.write(offset, bytes.subarray(0, Number(known)));
    this.contents.forget(offset + known, last);
  }

  /** Bytes that nobody knows are stored: `length` bytes from `offset` on, all below 2^52. */
  storeUnknown(offset: number, length: number): void {
    if (length <= 0) return;
    const first = Math.floor(offset / this.bytes_per_page);
    const last = Math.floor((offset + length - 1) / this.bytes_per_page);
    this.present.bits.add(first, last);
    this.uptodate.bits.add(first, last);
    this.contents.forgetAt(offset, length);
  }

  /** Allocates pages without data, as fallocate does. */
  allocate(first_page: bigint, last_page: bigint): void {
    this.present.add(first_page, last_page);
  }

  /** Allocates pages and makes the holes among them zeros: what pinning a file's pages does. */
  fill(first_page: bigint, last_page: bigint): void {
    this.present.add(first_page, last_page);
    this.uptodate.add(first_page, last_page);
  }

  /**
   * Frees pages and empties them. Returns the runs that were allocated.
   *
   * @param seq Of the event that frees them.
   */
  free(first_page: bigint, last_page: bigint, seq: number): FreedPages[] {
    if (first_page > last_page) return [];
    this.uptodate.bits.remove(Number(first_page), Number(last_page));
    this.contents.clear(first_page * this.page_bytes, (last_page + 1n) * this.page_bytes - 1n);
    return this.present.remove(first_page, last_page).map(({ first, last }) => {
      this.noteFreed({ first, last, seq });
      return { first_page: first, last_page: last, freed_seq: seq };
    });
  }

  /** Seq of the last event that freed the page at `offset`, or undefined when none did. */
  freedSeq(offset: bigint): number | undefined {
    return this.freed.find(this.pageOf(offset))?.seq;
  }

  /** The pages that were freed after `seq`, among those `first..last` (in bytes) touches. */
  freedSince(first: bigint, last: bigint, seq: number): FreedPages[] {
    return this.freed
      .listOverlapping(this.pageOf(first), this.pageOf(last))
      .filter((run) => run.seq > seq)
      .map((run) => ({ first_page: run.first, last_page: run.last, freed_seq: run.seq }));
  }

  /**
   * Whether event `seq` or a later one freed a page among those that `length` bytes from `offset`
   * on touch; both numbers are below 2^52.
   */
  hasFreedSince(offset: number, length: number, seq: number): boolean {
    if (this.freed.size === 0) return false;
    const last = Math.floor((offset + length - 1) / this.bytes_per_page);
    let page = Math.floor(offset / this.bytes_per_page);
    while (page <= last) {
      const run = this.freed.atOrAfterKey(page);
      if (run === undefined || Number(run.first) > last) return false;
      if (run.seq >= seq) return true;
      page = Number(run.last) + 1;
    }
    return false;
  }

  /** What was known about the pages of `run` gives way to it. */
  private noteFreed(run: FreedRun): void {
    const { freed } = this;
    for (const old of freed.listOverlapping(run.first, run.last)) {
      freed.remove(old);
      if (old.first < run.first) freed.insert({ ...old, last: run.first - 1n });
      if (old.last > run.last) freed.insert({ ...old, first: run.last + 1n });
    }
    freed.insert(run);
  }
}
