import { PageBits } from "./page-bits.js";

/** A set of page numbers of a file, none of which exceeds 2^52. */
export class PageSet {
  /** The same by plain numbers: for whoever has them. */
  readonly bits = new PageBits();

  /** Number of pages in the set. */
  get count(): bigint {
    return BigInt(this.bits.count);
  }

  has(page: bigint): boolean {
    return this.bits.has(Number(page));
  }

  add(first: bigint, last: bigint): void {
    if (first <= last) this.bits.add(Number(first), Number(last));
  }

  /** Removes `first..last`; returns the ranges that were in the set. */
  remove(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    const removed = this.within(first, last);
    if (removed.length > 0) this.bits.remove(Number(first), Number(last));
    return removed;
  }

  /** The parts of the set that lie in `first..last`, ascending. */
  within(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    if (last < first) return [];
    return this.bits
      .within(Number(first), Number(last))
      .map((run) => ({ first: BigInt(run.first), last: BigInt(run.last) }));
  }

  /** The lowest page in the set that is not below `page`. */
  nextIn(page: bigint): bigint | undefined {
    const next = this.bits.nextIn(Number(page));
    return next === undefined ? undefined : BigInt(next);
  }

  /** The lowest page that is not in the set and not below `page`. */
  nextOut(page: bigint): bigint {
    return BigInt(this.bits.nextOut(Number(page)));
  }
}
