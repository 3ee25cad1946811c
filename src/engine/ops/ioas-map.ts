import { IOMMU_IOAS_MAP } from "../abi/iommufd-ioas.js";
import { checkMapFlags, isFixed, placeAndAdd, rightsOf, userPiece } from "../iommufd/areas-map.js";
import { ioasOrReject } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

/** IOMMU_IOAS_MAP: memory of the caller becomes visible at an IOVA. */
export const ioasMap = defineOp({
  layout: IOMMU_IOAS_MAP,
  source: "iommufd_ioas_map, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { flags, ioas_id, __reserved, user_va, length, iova } = call.args;
    if (__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    if (!checkMapFlags(call, flags, [iova, length])) return;
    const ioas = ioasOrReject(call, ioas_id);
    if (ioas === undefined) return;
    const piece = userPiece(call, user_va, length, rightsOf(flags));
    if (piece === undefined) return;
    const fixed_iova = isFixed(flags) ? iova : undefined;
    const wanted = { pieces: [piece], length, fixed_iova, address: user_va };
    placeAndAdd(call, ioas, wanted, "iova");
  },
});
