import { IOMMU_TEST_OP_DIRTY } from "../abi/selftest-more.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { bytesBehind } from "../iommufd/hwpt-user-data.js";
import { contextOf } from "../iommufd/operation.js";
import { MOCK_UNIT } from "../selftest/mock-unit.js";
import { defineOp } from "./define.js";

const BITS_MAX = 1n << 27n;
const BYTE_BITS = 8;

/**
 * IOMMU_TEST_OP_DIRTY: plays a device that writes: each bit of the caller's bitmap is one page it
 * wrote. Pages that are not mapped count, but leave no mark.
 */
export const testDirty = defineOp({
  layout: IOMMU_TEST_OP_DIRTY,
  source: "iommufd_test_dirty, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, iova, length, page_size, uptr } = call.args;
    if (page_size === 0n || length === 0n || uptr === 0n) {
      return call.reject("EINVAL", "page_size, length or uptr is 0");
    }
    if (iova % page_size !== 0n || length % page_size !== 0n) {
      return call.reject("EINVAL", "the range is not aligned to page_size");
    }
    if (length / page_size > BITS_MAX) return call.reject("EOVERFLOW", "the bitmap is too long");
    const hwpt = contextOf(call).findTyped<HwptPaging>(id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no HWPT has id ${id}`);
    if (hwpt.unit !== MOCK_UNIT) return call.reject("EINVAL", `HWPT ${id} is no mock domain`);
    const { dirty } = hwpt;
    if (dirty?.enabled !== true) return call.reject("EINVAL", "dirty tracking is off");
    const bit_count = Number(length / page_size);
    const bitmap = bytesBehind(call, uptr, Math.ceil(bit_count / BYTE_BITS));
    if (bitmap === null) return call.reject("EFAULT", "the bitmap cannot be read");
    const bits = setBits(bitmap, bit_count);
    if (!call.respond({ out_nr_dirty: BigInt(bits.length) })) return;
    for (const bit of bits) dirty.mark(iova + BigInt(bit) * page_size);
  },
});

function setBits(bitmap: Uint8Array, bit_count: number): number[] {
  const bits: number[] = [];
  bitmap.forEach((byte, index) => {
    for (let shift = 0; byte >> shift !== 0; shift++) {
      const bit = index * BYTE_BITS + shift;
      if (((byte >> shift) & 1) === 1 && bit < bit_count) bits.push(bit);
    }
  });
  return bits;
}
