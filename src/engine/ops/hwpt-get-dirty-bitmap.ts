import { IOMMU_HWPT_GET_DIRTY_BITMAP } from "../abi/iommufd-hwpt.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { lowestSetBit } from "../iommufd/auto-iova.js";
import type { DirtyPages } from "../iommufd/dirty-pages.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import type { IovaRange } from "../iommufd/reserved.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

const FLAG_NO_CLEAR = 1;

type BitmapCall = IoctlCall<typeof IOMMU_HWPT_GET_DIRTY_BITMAP>;

/**
 * IOMMU_HWPT_GET_DIRTY_BITMAP: sets a bit for each page the hardware wrote. Bits are never cleared
 * in the caller's bitmap. What goes wrong during the walk is not told: a gap in the mappings, or a
 * bitmap that cannot be written.
 */
export const hwptGetDirtyBitmap = defineOp({
  layout: IOMMU_HWPT_GET_DIRTY_BITMAP,
  source: "iommufd_hwpt_get_dirty_bitmap, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4)",
  support: {
    level: "partial",
    missing: "physical contiguity beyond a page, where no huge page is known",
  },
  adopts: {},
  execute(call) {
    const { flags, __reserved, hwpt_id, iova, length, page_size } = call.args;
    if ((flags & ~FLAG_NO_CLEAR) !== 0 || __reserved !== 0) {
      return call.reject("EOPNOTSUPP", "unknown flags or __reserved");
    }
    const hwpt = contextOf(call).findTyped<HwptPaging>(hwpt_id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no HWPT has id ${hwpt_id}`);
    if (length === 0n) return call.reject("EINVAL", "length is 0");
    const last = iova + length - 1n;
    if (last > U64_MAX) return call.reject("EOVERFLOW", "the range ends behind the address space");
    const end = BigInt.asUintN(64, last + 1n);
    const alignment = hwpt.ioas.iova_alignment;
    if (iova % alignment !== 0n || end % alignment !== 0n) {
      return call.reject("EINVAL", `the range is not aligned to ${alignment} bytes`);
    }
    if (page_size === 0n) return call.reject("EINVAL", "page_size is 0");
    if (((iova | end) & (page_size - 1n)) !== 0n) {
      return call.reject("EINVAL", "the range is not aligned to page_size");
    }
    if (hwpt.dirty === undefined) {
      return call.reject("EOPNOTSUPP", "the HWPT was allocated without DIRTY_TRACKING");
    }
    if (call.accept()) walk(call, hwpt.dirty, { first: iova, last });
  },
});

function walk(call: BitmapCall, dirty: DirtyPages, range: IovaRange): void {
  const { flags, page_size } = call.args;
  const shift = BigInt(lowestSetBit(page_size));
  const bitmap = call.memIn?.slice();
  for (const mark of dirty.collect(range, (flags & FLAG_NO_CLEAR) === 0)) {
    // An entry that begins before the range is cleared without being reported.
    if (mark.first >= range.first && bitmap !== undefined) setBits(bitmap, mark, range, shift);
  }
  call.mem_out = bitmap;
}

const BYTE_BITS = 8;

function setBits(bitmap: Uint8Array, mark: IovaRange, range: IovaRange, shift: bigint): void {
  const last = Number((mark.last - range.first) >> shift);
  for (let bit = Number((mark.first - range.first) >> shift); bit <= last; bit++) {
    const byte = Math.floor(bit / BYTE_BITS);
    if (byte >= bitmap.length) break;
    bitmap[byte] = (bitmap[byte] ?? 0) | (1 << (bit % BYTE_BITS));
  }
}
