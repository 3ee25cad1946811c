import { IOMMU_HWPT_LU_SET_PRESERVED } from "../abi/liveupdate-series.js";
import { markHwpt, unmarkHwpt } from "../liveupdate/mark-hwpt.js";
import { defineOp } from "./define.js";

/** LU_SET_PRESERVED of RFC v2: marks a HWPT, or takes the mark back. */
export const iommuHwptLuSetPreserved = defineOp({
  layout: IOMMU_HWPT_LU_SET_PRESERVED,
  source: "iommufd_hwpt_lu_set_preserved, drivers/iommu/iommufd/liveupdate.c (live update RFC v2)",
  support: { level: "full" },
  adopts: {},
  by_profile: true,
  execute(call) {
    const { hwpt_id, hwpt_token, preserved } = call.args;
    if (preserved === 0) unmarkHwpt(call, hwpt_id);
    else markHwpt(call, hwpt_id, BigInt(hwpt_token));
  },
});
