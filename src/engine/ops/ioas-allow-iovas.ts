import { IOMMU_IOAS_ALLOW_IOVAS } from "../abi/iommufd-ioas.js";
import { decodeStruct } from "../abi/layout.js";
import { iommu_iova_range } from "../abi/nested.js";
import { RangeTree } from "../iommufd/areas-tree.js";
import { ioasOrReject } from "../iommufd/operation.js";
import type { IovaRange } from "../iommufd/reserved.js";
import { defineOp } from "./define.js";

const ENTRY_BYTES = iommu_iova_range.length_bytes;

/** IOMMU_IOAS_ALLOW_IOVAS: a new list of ranges for automatic selection replaces the old one. */
export const ioasAllowIovas = defineOp({
  layout: IOMMU_IOAS_ALLOW_IOVAS,
  source: "iommufd_ioas_allow_iovas, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { args } = call;
    if (args.__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    const ioas = ioasOrReject(call, args.ioas_id);
    if (ioas === undefined) return;
    const array = call.memIn;
    const ranges = new RangeTree<IovaRange>();
    for (let index = 0; index < args.num_iovas; index++) {
      const at = index * ENTRY_BYTES;
      if (array === null || array.length < at + ENTRY_BYTES) {
        return call.reject("EFAULT", `entry ${index} of the array cannot be read`);
      }
      const range = rangeAt(array, at);
      if (range.first >= range.last) return call.reject("EINVAL", `entry ${index} is empty`);
      if (ranges.meets(range.first, range.last)) {
        return call.reject("EINVAL", `entry ${index} meets an earlier one`);
      }
      ranges.insert(range);
    }
    const allowed = [...ranges];
    if (allowed.some(({ first, last }) => ioas.reserved.meets(first, last))) {
      return call.reject("EADDRINUSE", "a range meets a reserved one");
    }
    if (call.accept()) ioas.allow(allowed);
  },
});

function rangeAt(array: Uint8Array, at: number): IovaRange {
  const { values } = decodeStruct(iommu_iova_range, array.subarray(at, at + ENTRY_BYTES));
  return { first: values["start"] as bigint, last: values["last"] as bigint };
}
