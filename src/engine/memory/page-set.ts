import { RangeMap } from "./range-map.js";

/** A set of page numbers, kept as merged ranges. Changes cost O(ranges), look-ups O(log ranges). */
export class PageSet {
  private readonly ranges = new RangeMap<true>();
  private _count = 0n;

  /** Number of pages in the set. */
  get count(): bigint {
    return this._count;
  }

  has(page: bigint): boolean {
    return this.ranges.find(page) !== undefined;
  }

  /** Adds `first..last`; ranges that touch become one. */
  add(first: bigint, last: bigint): void {
    if (last < first) return;
    const known = this.ranges.find(first);
    if (known !== undefined && known.last >= last) return;
    const low = first === 0n ? first : first - 1n;
    const touching = this.ranges.overlapping(low, last + 1n);
    const head = touching[0];
    const tail = touching.at(-1);
    const from = head !== undefined && head.first < first ? head.first : first;
    const to = tail !== undefined && tail.last > last ? tail.last : last;
    const old = touching.reduce((sum, range) => sum + range.last - range.first + 1n, 0n);
    this.ranges.set(from, to, true);
    this._count += to - from + 1n - old;
  }

  /** Removes `first..last`; returns the ranges that were in the set. */
  remove(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    const removed = this.within(first, last);
    if (removed.length === 0) return removed;
    this.ranges.delete(first, last);
    for (const range of removed) this._count -= range.last - range.first + 1n;
    return removed;
  }

  /** The parts of the set that lie in `first..last`, ascending. */
  within(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    if (last < first) return [];
    return this.ranges.overlapping(first, last).map((range) => ({
      first: range.first < first ? first : range.first,
      last: range.last > last ? last : range.last,
    }));
  }

  /** The lowest page in the set that is not below `page`. */
  nextIn(page: bigint): bigint | undefined {
    const range = this.ranges.atOrAfter(page);
    if (range === undefined) return undefined;
    return range.first < page ? page : range.first;
  }

  /** The lowest page that is not in the set and not below `page`. */
  nextOut(page: bigint): bigint {
    const range = this.ranges.find(page);
    return range === undefined ? page : range.last + 1n;
  }
}
