import { IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE } from "../abi/iommufd-hwpt.js";
import { markHwpt } from "../liveupdate/mark-hwpt.js";
import { defineOp } from "./define.js";

/** MARK_PRESERVE: the HWPT is to cross a live update under a token. There is no way back. */
export const iommuHwptLiveupdateMarkPreserve = defineOp({
  layout: IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE,
  source: "iommufd_hwpt_mark_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5)",
  support: { level: "full" },
  adopts: {},
  by_profile: true,
  execute(call) {
    markHwpt(call, call.args.hwpt_id, call.args.hwpt_token);
  },
});
