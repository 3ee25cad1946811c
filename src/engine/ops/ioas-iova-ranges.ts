import { IOMMU_IOAS_IOVA_RANGES } from "../abi/iommufd-ioas.js";
import { encodeStruct } from "../abi/layout.js";
import { iommu_iova_range } from "../abi/nested.js";
import { smaller } from "../bigint.js";
import { fails, ioasOrReject } from "../iommufd/operation.js";
import type { IovaRange } from "../iommufd/reserved.js";
import { defineOp } from "./define.js";

/** IOMMU_IOAS_IOVA_RANGES: what is not reserved. Areas and allowed ranges play no part. */
export const ioasIovaRanges = defineOp({
  layout: IOMMU_IOAS_IOVA_RANGES,
  source: "iommufd_ioas_iova_ranges, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { args, process } = call;
    if (args.__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    const ioas = ioasOrReject(call, args.ioas_id);
    if (ioas === undefined) return;
    const ranges = [...ioas.reserved.gaps()];
    const written = ranges.slice(0, args.num_iovas);
    // Entries are written one by one until one of them cannot be.
    const writable = written.findIndex(
      (_, index) => !process.mm.isWritable(entryAt(args.allowed_iovas, index), ENTRY_BYTES),
    );
    const done = writable < 0 ? written : written.slice(0, writable);
    call.mem_out = overwritten(call.memIn, done);
    if (writable >= 0) return call.reject("EFAULT", "the array cannot be written");
    if (!call.canWriteBack()) return call.reject("EFAULT", "the answer cannot be written back");
    call.write({ num_iovas: ranges.length, out_iova_alignment: ioas.iova_alignment });
    if (ranges.length <= args.num_iovas) call.accept();
    else fails(call, "EMSGSIZE", "the array is too short; its entries are written all the same");
  },
});

const ENTRY_BYTES = BigInt(iommu_iova_range.length_bytes);

function entryAt(address: bigint, index: number): bigint {
  return BigInt.asUintN(64, address + BigInt(index) * ENTRY_BYTES);
}

/** The caller's array with its first entries replaced. */
function overwritten(
  before: Uint8Array | null,
  ranges: readonly IovaRange[],
): Uint8Array | undefined {
  if (before === null) return undefined;
  const after = before.slice();
  ranges.forEach(({ first, last }, index) => {
    const entry = encodeStruct(iommu_iova_range, { start: first, last }, Number(ENTRY_BYTES));
    const at = index * entry.length;
    after.set(entry.subarray(0, Number(smaller(BigInt(after.length - at), ENTRY_BYTES))), at);
  });
  return after;
}
