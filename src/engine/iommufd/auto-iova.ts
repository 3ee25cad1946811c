/**
 * Which IOVA the kernel chooses when the caller leaves it the choice.
 *
 * @source iopt_alloc_iova, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */

import { larger, smaller } from "../bigint.js";
import type { Errno } from "../errno.js";
import { U64_MAX } from "../u64.js";
import { fitIn } from "./areas-gap.js";
import type { GapQuery } from "./areas-node.js";
import type { Ranged, RangeTree } from "./areas-tree.js";
import type { AllowedRanges, IovaRange, ReservedRanges } from "./reserved.js";

export interface IovaSpace {
  readonly areas: RangeTree<Ranged>;
  readonly reserved: ReservedRanges;
  readonly allowed: AllowedRanges;
  readonly iova_alignment: bigint;
  readonly page_size: bigint;
  /** A large mapping is aligned to this much, so that the IOMMU can use huge pages. */
  readonly huge_page_bytes: bigint;
}

/**
 * The lowest free IOVA that suits `length` bytes whose original address is `address`: the user
 * address, or the offset in the file. Costs O(log n) in areas and O(r) in reserved ranges.
 *
 * @returns The IOVA, or EOVERFLOW for absurd lengths, EINVAL when the address is not aligned enough
 *   for the IOAS, ENOSPC when nothing fits.
 */
export function chooseIova(space: IovaSpace, address: bigint, length: bigint): bigint | Errno {
  if (length >= U64_MAX / 2n) return "EOVERFLOW";
  const shift = alignmentShift(address, length, space.huge_page_bytes);
  const alignment = 1n << BigInt(shift);
  if (alignment < space.iova_alignment) return "EINVAL";
  const query: GapQuery = {
    length,
    alignment,
    alignment_shift: shift,
    low_bits: address % space.page_size,
  };
  for (const window of windowsOf(space)) {
    const start = fitIn(window.first, window.last, query);
    if (start === undefined) continue;
    for (const free of space.reserved.gaps(start, window.last)) {
      const iova = space.areas.findGap(free.first, free.last, query);
      if (iova !== undefined) return iova;
    }
  }
  return "ENOSPC";
}

/** The first page and the last page of the space are never chosen. */
function windowsOf(space: IovaSpace): IovaRange[] {
  const first = space.page_size;
  const last = U64_MAX - space.page_size;
  if (space.allowed.entries.length === 0) return [{ first, last }];
  const windows: IovaRange[] = [];
  for (const run of space.allowed.merged) {
    const start = larger(run.first, first);
    const end = smaller(run.last, last);
    if (start <= end) windows.push({ first: start, last: end });
  }
  return windows;
}

/** Exponent of the smallest power of two that holds `length`, at most what the address has. */
function alignmentShift(address: bigint, length: bigint, huge_page_bytes: bigint): number {
  const most = lowestSetBit(huge_page_bytes);
  const wanted = length > huge_page_bytes ? most : 32 - Math.clz32(Number(length - 1n));
  const shift = Math.min(wanted, most);
  return address === 0n ? shift : Math.min(shift, lowestSetBit(address));
}

/** Index of the lowest set bit of a u64 that is not zero. */
export function lowestSetBit(value: bigint): number {
  const low = Number(BigInt.asUintN(32, value));
  if (low !== 0) return 31 - Math.clz32(low & -low);
  const high = Number(BigInt.asUintN(32, value >> 32n));
  return 63 - Math.clz32(high & -high);
}
