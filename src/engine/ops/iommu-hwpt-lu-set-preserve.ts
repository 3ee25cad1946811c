import { IOMMU_HWPT_LU_SET_PRESERVE } from "../abi/liveupdate-series.js";
import { markHwpt } from "../liveupdate/mark-hwpt.js";
import { defineOp } from "./define.js";

/** LU_SET_PRESERVE: what MARK_PRESERVE was called in v1 of the series. */
export const iommuHwptLuSetPreserve = defineOp({
  layout: IOMMU_HWPT_LU_SET_PRESERVE,
  source: "iommufd_hwpt_lu_set_preserve, drivers/iommu/iommufd/liveupdate.c (live update v1)",
  support: { level: "full" },
  adopts: {},
  by_profile: true,
  execute(call) {
    markHwpt(call, call.args.hwpt_id, BigInt(call.args.hwpt_token));
  },
});
