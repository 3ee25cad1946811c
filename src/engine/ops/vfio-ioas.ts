import { IOMMU_VFIO_IOAS } from "../abi/iommufd-ioas.js";
import { contextOf, ioasOrReject } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const GET = 0;
const SET = 1;
const CLEAR = 2;

/** IOMMU_VFIO_IOAS: which IOAS the VFIO compat ioctls act on. */
export const vfioIoas = defineOp({
  layout: IOMMU_VFIO_IOAS,
  source: "iommufd_vfio_ioas, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { ioas_id, op, __reserved } = call.args;
    const context = contextOf(call);
    if (__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    if (op === GET) {
      if (context.compatIoas === undefined) return call.reject("ENODEV", "no compat IOAS is set");
      call.respond({ ioas_id: context.compatIoas.id });
    } else if (op === SET) {
      const ioas = ioasOrReject(call, ioas_id);
      if (ioas !== undefined && call.accept()) context.compatIoas = ioas;
    } else if (op === CLEAR) {
      if (call.accept()) context.compatIoas = undefined;
    } else call.reject("EOPNOTSUPP", "no such op");
  },
});
