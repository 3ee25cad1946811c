import { larger, smaller } from "../bigint.js";
import type { Area } from "./areas.js";
import type { Ioas } from "./ioas.js";
import type { IovaRange } from "./reserved.js";

/**
 * Which parts of a page table the hardware marked as written. The hardware has one mark for each
 * entry of the table (IOPTE), and entries are as large as alignment and the memory allow.
 *
 * @source iommu_read_and_clear_dirty, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export class DirtyPages {
  /** Tracking is on. Marks can be read either way. */
  enabled = false;
  /** Marked entries of an area: the last IOVA by the first. */
  private readonly marked = new Map<Area, Map<bigint, bigint>>();

  constructor(
    readonly ioas: Ioas,
    /** Bitmap of the page sizes the table can use. */
    readonly page_sizes: bigint,
  ) {}

  /** All marked entries, in no particular order. */
  *marks(): Generator<IovaRange, undefined> {
    for (const marks of this.marked.values()) {
      for (const [first, last] of marks) yield { first, last };
    }
  }

  clear(): void {
    this.marked.clear();
  }

  /** The hardware wrote at an IOVA; nothing happens where nothing is mapped. */
  mark(iova: bigint): void {
    const area = this.ioas.areas.find(iova);
    if (area === undefined) return;
    const { first, last } = this.entryAt(area, iova);
    this.marksOf(area).set(first, last);
  }

  /** An area left the table and took its marks along. */
  forget(area: Area): void {
    this.marked.delete(area);
  }

  /** An area was cut in two: entries are not cut, so each mark lies in one part. */
  split(area: Area, left: Area, right: Area): void {
    for (const [first, last] of this.marked.get(area) ?? []) {
      this.marksOf(first < right.first ? left : right).set(first, last);
    }
    this.marked.delete(area);
  }

  /**
   * Reports the marked entries that meet `first..last`, as far as it is mapped without a gap.
   *
   * @param clear The entries are clean from then on.
   */
  collect({ first, last }: IovaRange, clear: boolean): IovaRange[] {
    const found: IovaRange[] = [];
    let at = first;
    for (const area of this.ioas.areas.overlapping(first, last)) {
      if (area.first > at) break;
      const end = smaller(area.last, last);
      const marks = this.marked.get(area);
      for (const [entry_first, entry_last] of marks ?? []) {
        if (entry_first > end || entry_last < at) continue;
        found.push({ first: entry_first, last: entry_last });
        if (clear) marks?.delete(entry_first);
      }
      at = end + 1n;
    }
    return found;
  }

  private marksOf(area: Area): Map<bigint, bigint> {
    let marks = this.marked.get(area);
    if (marks === undefined) {
      marks = new Map();
      this.marked.set(area, marks);
    }
    return marks;
  }

  /**
   * The entry that translates `iova`: the largest page size for which the aligned block around it
   * lies in physically contiguous memory of the area. Memory counts as contiguous within a page,
   * and within a huge page where it is known to be one.
   */
  private entryAt(area: Area, iova: bigint): IovaRange {
    const { page_size } = this.ioas;
    const run = contiguousRun(area, iova);
    let best: IovaRange | undefined;
    for (let size = 1n; size <= this.page_sizes; size <<= 1n) {
      if ((this.page_sizes & size) === 0n) continue;
      if (this.ioas.largePagesDisabled && size > page_size) break;
      const first = iova - (iova % size);
      const block = { first, last: first + size - 1n };
      if (best !== undefined && (block.first < run.first || block.last > run.last)) break;
      if (best !== undefined && (first - run.first + run.offset) % size !== 0n) break;
      best = block;
    }
    return best ?? { first: iova, last: iova };
  }
}

/** IOVAs around `iova` whose memory is contiguous; `offset` is the first one's physical offset. */
function contiguousRun(area: Area, iova: bigint): IovaRange & { offset: bigint } {
  const { page_size } = area.backing.machine;
  const page = area.pageOf(iova);
  const pinned = area.backing.pins?.find(page);
  const unit = pinned?.object.huge_bytes ?? page_size;
  // Offset of the byte in its object, where the memory is known; huge pages are aligned to it.
  const inPage = area.offsetOf(iova) % page_size;
  const offset =
    pinned === undefined ? inPage : pinned.offset + (page - pinned.first) * page_size + inPage;
  const before = offset % unit;
  const first = larger(iova - before, area.first);
  const last = smaller(iova - before + unit - 1n, area.last);
  return { first, last, offset: before - (iova - first) };
}
