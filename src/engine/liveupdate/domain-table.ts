import { FilePages, type FreedPages } from "../memory/file-pages.js";
import type { MemoryObject } from "../memory/memory-object.js";

/** A run of IOVAs that one piece of memory backs. */
export interface TableRun {
  readonly first: bigint;
  readonly last: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  /** What the pages belonged to when the table was written down. */
  readonly memory: MemoryObject;
  /** Offset in `memory` of the first byte, in bytes. */
  readonly offset: bigint;
  /** The pages are handed over too; if not, the next kernel uses them for anything. */
  readonly preserved: boolean;
  /** Seq of the call that pinned the pages for the table; undefined for device memory. */
  readonly pinned_seq?: number | undefined;
  /** Seq of the event that took the page from `memory` before the table was written down. */
  readonly freed_seq?: number | undefined;
}

/** The page behind one IOVA of a table, and whether it is still what it was. */
export interface TablePage {
  readonly run: TableRun;
  /** Offset in `run.memory`, in bytes. */
  readonly offset: bigint;
  /** Seq of the event that gave the page back to the kernel, where one did. */
  readonly freed_seq: number | undefined;
}

/**
 * The page table of a domain as it was serialized. It never changes and it pins nothing: the pages
 * it names can be freed under it.
 */
export class DomainTable {
  /** Seq of the kexec, once the old kernel is gone: what was not handed over is free from there. */
  kexec_seq: number | undefined;
  private _memory: ReadonlySet<MemoryObject> | undefined;

  constructor(
    /** Ascending, without overlap. */
    readonly runs: readonly TableRun[],
    /** Seq of the serialization. */
    readonly serialized_seq: number,
  ) {}

  /** True when some IOVA leads to this memory. */
  maps(memory: MemoryObject): boolean {
    this._memory ??= new Set(this.runs.map((run) => run.memory));
    return this._memory.has(memory);
  }

  /** The run that holds an IOVA. */
  find(iova: bigint): TableRun | undefined {
    const run = this.runs[this.lowerBound(iova)];
    return run !== undefined && run.first <= iova ? run : undefined;
  }

  /** The lowest run that begins behind an IOVA. */
  runAfter(iova: bigint): TableRun | undefined {
    return this.runs[this.lowerBound(iova)];
  }

  /** What an IOVA maps: the memory by name, and since when the page is no longer that memory's. */
  pageAt(iova: bigint): TablePage | undefined {
    const run = this.find(iova);
    if (run === undefined) return undefined;
    const offset = run.offset + (iova - run.first);
    return { run, offset, freed_seq: this.freedSeq(run, offset) };
  }

  /** IOVA ranges whose pages were freed after the table was written down, ascending. */
  freed(): { first: bigint; last: bigint; freed_seq: number }[] {
    return this.runs.flatMap((run) => this.freedIn(run));
  }

  /** Index of the first run whose last byte is not below `iova`. */
  private lowerBound(iova: bigint): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.runs[middle];
      if (run !== undefined && run.last < iova) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private freedSeq(run: TableRun, offset: bigint): number | undefined {
    if (!run.preserved && this.kexec_seq !== undefined) return this.kexec_seq;
    if (!(run.memory instanceof FilePages)) return undefined;
    return run.memory.freedSince(offset, offset, this.serialized_seq)[0]?.freed_seq;
  }

  private freedIn(run: TableRun): { first: bigint; last: bigint; freed_seq: number }[] {
    if (!run.preserved && this.kexec_seq !== undefined) {
      return [{ first: run.first, last: run.last, freed_seq: this.kexec_seq }];
    }
    const { memory } = run;
    if (!(memory instanceof FilePages)) return [];
    const end = run.offset + (run.last - run.first);
    return memory
      .freedSince(run.offset, end, this.serialized_seq)
      .map((pages) => iovasOf(run, memory, pages));
  }
}

/** The part of a run that lies on freed pages. */
function iovasOf(run: TableRun, memory: FilePages, pages: FreedPages) {
  const before = pages.first_page * memory.page_bytes - run.offset;
  const behind = run.offset + (run.last - run.first) - endOf(memory, pages);
  return {
    first: run.first + atLeastZero(before),
    last: run.last - atLeastZero(behind),
    freed_seq: pages.freed_seq,
  };
}

function endOf(memory: FilePages, pages: FreedPages): bigint {
  return (pages.last_page + 1n) * memory.page_bytes - 1n;
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
