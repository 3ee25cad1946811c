/** Addresses that fuzzers use in test kernels: the n-th area instead of an IOVA. */

import type { Ioas } from "./ioas.js";

/** Flag of IOAS_COPY and of the selftest's accesses; only test kernels know it. */
export const SYZ_FLAG = 1 << 16;

/**
 * The IOVA that `{u32 nth_area, u32 offset}` names: the start of that area plus the offset, or 0
 * where the IOAS has no such area.
 *
 * @source iommufd_test_syz_conv_iova, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
export function nthAreaIova(ioas: Ioas | undefined, packed: bigint): bigint {
  if (ioas === undefined) return 0n;
  let left = packed & 0xffff_ffffn;
  for (const area of ioas.areas) {
    if (left === 0n) return BigInt.asUintN(64, area.first + (packed >> 32n));
    left--;
  }
  return 0n;
}
