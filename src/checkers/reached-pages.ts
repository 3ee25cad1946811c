/** What the DMA of a device has reached: all its pages, and the place of the newest transfers. */

import { PageBits } from "../engine/memory/page-bits.js";

const PAGE_BYTES = 4096;
const PAGE = BigInt(PAGE_BYTES);
/** So many transfers are remembered with their place in the trace. */
const RECENT_MAX = 64;

/**
 * IOVAs that transfers reached. Memory is a bit for each page. Adding a transfer costs O(pages /
 * 32) and allocates nothing once the pages around it are known.
 */
export class ReachedPages {
  private readonly pages = new PageBits();
  /** First and last page and seq of the newest transfers, in a ring. */
  private readonly first_pages = new Float64Array(RECENT_MAX);
  private readonly last_pages = new Float64Array(RECENT_MAX).fill(-1);
  private readonly seqs = new Float64Array(RECENT_MAX);
  private next = 0;

  /** Adds pages `first..last`; page numbers of a 64-bit space are exact as doubles. */
  add(first: number, last: number, seq: number): void {
    this.pages.add(first, last);
    const { next } = this;
    this.first_pages[next] = first;
    this.last_pages[next] = last;
    this.seqs[next] = seq;
    this.next = (next + 1) % RECENT_MAX;
  }

  /** Whether any transfer reached a page of IOVAs `first..last`. */
  meets(first: bigint, last: bigint): boolean {
    return this.pages.meets(pageOf(first), pageOf(last));
  }

  /** Seq of a transfer that reached such a page, where it is one of the newest. */
  recentIn(first: bigint, last: bigint): number | undefined {
    for (let index = 0; index < RECENT_MAX; index++) {
      const at = (this.next + index) % RECENT_MAX;
      const [from = 0, to = -1] = [this.first_pages[at], this.last_pages[at]];
      if (from <= pageOf(last) && to >= pageOf(first)) return this.seqs[at];
    }
    return undefined;
  }
}

/** The page of an IOVA. */
export function pageOf(iova: bigint): number {
  const plain = Number(iova);
  return plain <= Number.MAX_SAFE_INTEGER ? plainPageOf(plain) : Number(iova / PAGE);
}

/** The same for an IOVA up to Number.MAX_SAFE_INTEGER. */
export function plainPageOf(iova: number): number {
  return Math.floor(iova / PAGE_BYTES);
}
