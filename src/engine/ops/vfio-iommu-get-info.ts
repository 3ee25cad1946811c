import { VFIO_IOMMU_GET_INFO } from "../abi/vfio.js";
import { larger } from "../bigint.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { compatIoasOrReject } from "../iommufd/compat.js";
import type { Ioas } from "../iommufd/ioas.js";
import { defineOp } from "./define.js";

const FLAG_PGSIZES = 1;
const FLAG_CAPS = 2;
const ALL_FLAGS = 0xffff_ffff;
const INFO_BYTES = VFIO_IOMMU_GET_INFO.length_bytes;
const AVAIL_BYTES = 16;
const HEADER_BYTES = 16;
const RANGE_BYTES = 16;
const CAP_IOVA_RANGE = 1;
const CAP_DMA_AVAIL = 3;

/** VFIO_IOMMU_GET_INFO on the compat IOAS: page sizes, and as many capabilities as fit. */
export const vfioIommuGetInfo = defineOp({
  layout: VFIO_IOMMU_GET_INFO,
  source: "iommufd_vfio_iommu_get_info, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const ioas = compatIoasOrReject(call, call.args.flags, ALL_FLAGS);
    if (ioas === undefined) return;
    const given = call.args.argsz;
    const ranges = [...ioas.reserved.gaps()];
    const wanted = INFO_BYTES + AVAIL_BYTES + HEADER_BYTES + RANGE_BYTES * ranges.length;
    if (!call.canWriteBack() || !canWriteCapabilities(call, given)) {
      return call.reject("EFAULT", "the answer cannot be written back");
    }
    call.write({
      argsz: wanted,
      flags: FLAG_PGSIZES | FLAG_CAPS,
      iova_pgsizes: pageSizesOf(ioas),
      cap_offset: given >= wanted ? INFO_BYTES : 0,
      pad: 0,
    });
    const tail = call.event.tail?.slice();
    if (tail !== undefined) {
      // A struct that ends inside its last field gets the zero bytes that fit.
      if (given < INFO_BYTES) tail.fill(0);
      else writeCapabilities(new DataView(tail.buffer, tail.byteOffset), given, ranges);
      call.out_tail = tail;
    }
    call.accept();
  },
});

/**
 * Page sizes every domain has. Sizes below the host's page count as the host's page.
 *
 * @source iommufd_get_pagesizes, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)
 */
function pageSizesOf(ioas: Ioas): bigint {
  const page = ioas.page_size;
  let sizes = 0xffff_ffff_ffff_ffffn;
  for (const domain of ioas.domains) sizes &= domain.page_sizes;
  if (sizes % page !== 0n) sizes = (sizes - (sizes % page)) | page;
  return larger(sizes, ioas.iova_alignment);
}

function canWriteCapabilities(call: IoctlCall<typeof VFIO_IOMMU_GET_INFO>, given: number): boolean {
  const { arg } = call.event;
  if (arg === undefined || given <= INFO_BYTES) return true;
  return call.process.mm.isWritable(arg, BigInt(given));
}

/**
 * The capability chain behind the struct, as far as `given` bytes reach: each piece is written only
 * when it fits as a whole. The header of the range list comes last, when all ranges fit.
 */
function writeCapabilities(
  view: DataView,
  given: number,
  ranges: readonly { readonly first: bigint; readonly last: bigint }[],
): void {
  const fits = (end: number) => given >= end && view.byteLength >= end - INFO_BYTES;
  const header = (at: number, id: number) => {
    view.setUint16(at, id, true);
    view.setUint16(at + 2, 1, true);
    view.setUint32(at + 4, 0, true);
  };
  if (fits(INFO_BYTES + 12)) {
    header(0, CAP_DMA_AVAIL);
    view.setUint32(8, 0xffff_ffff, true);
  }
  const second = INFO_BYTES + AVAIL_BYTES;
  if (fits(second)) view.setUint32(4, second, true);
  const list = AVAIL_BYTES + HEADER_BYTES;
  ranges.forEach(({ first, last }, index) => {
    const at = list + index * RANGE_BYTES;
    if (!fits(INFO_BYTES + at + RANGE_BYTES)) return;
    view.setBigUint64(at, first, true);
    view.setBigUint64(at + 8, last, true);
  });
  if (!fits(INFO_BYTES + list + ranges.length * RANGE_BYTES)) return;
  header(AVAIL_BYTES, CAP_IOVA_RANGE);
  view.setUint32(AVAIL_BYTES + 8, ranges.length, true);
  view.setUint32(AVAIL_BYTES + 12, 0, true);
}
