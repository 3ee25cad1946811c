import { IOMMU_IOAS_UNMAP } from "../abi/iommufd-ioas.js";
import { planInside, planUnmap, unmapAreas } from "../iommufd/areas-unmap.js";
import type { Ioas } from "../iommufd/ioas.js";
import { commit, contextOf, fails, ioasOrReject } from "../iommufd/operation.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_IOAS_UNMAP: the areas wholly inside a range go away. Not atomic: areas below the one that
 * fails are gone, and the length is not written then.
 */
export const ioasUnmap = defineOp({
  layout: IOMMU_IOAS_UNMAP,
  source: "iommufd_ioas_unmap, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { ioas_id, iova, length } = call.args;
    const ioas = ioasOrReject(call, ioas_id);
    if (ioas === undefined) return;
    const everything = iova === 0n && length === U64_MAX;
    if (!everything) {
      if (iova === U64_MAX || length === U64_MAX) {
        return call.reject("EOVERFLOW", "an address or length is all ones");
      }
      if (length === 0n) return call.reject("EINVAL", "length is 0");
      if (iova + length - 1n > U64_MAX) {
        return call.reject("EOVERFLOW", "the range ends behind the address space");
      }
    }
    const plan = planUnmap(ioas, iova, everything ? U64_MAX : iova + length - 1n);
    if (plan.errno !== undefined) {
      if (fails(call, plan.errno, "an area is locked or only partly inside the range")) {
        unmapAreas(ioas, plan);
      }
      return;
    }
    if (plan.areas.length === 0 && !everything) {
      return call.reject("ENOENT", "nothing is mapped in the range");
    }
    commit(call, () => {
      unmapAreas(ioas, plan);
      return { length: plan.length };
    });
  },
  follow(call) {
    // The kernel took mappings away that it should have kept: those that lie in the range.
    const { ioas_id, iova, length } = call.args;
    const ioas = contextOf(call).findTyped<Ioas>(ioas_id, "IOAS");
    const last = iova === 0n && length === U64_MAX ? U64_MAX : iova + length - 1n;
    if (ioas !== undefined && length > 0n) unmapAreas(ioas, planInside(ioas, iova, last));
  },
});
