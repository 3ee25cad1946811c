import { IOMMU_HWPT_SET_DIRTY_TRACKING } from "../abi/iommufd-hwpt.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const FLAG_ENABLE = 1;

/** IOMMU_HWPT_SET_DIRTY_TRACKING: turning it on forgets all marks, turning it off keeps them. */
export const hwptSetDirtyTracking = defineOp({
  layout: IOMMU_HWPT_SET_DIRTY_TRACKING,
  source: "iommufd_hwpt_set_dirty_tracking, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { flags, hwpt_id } = call.args;
    if ((flags & ~FLAG_ENABLE) !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    const hwpt = contextOf(call).findTyped<HwptPaging>(hwpt_id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no HWPT has id ${hwpt_id}`);
    if (hwpt.origin === "restored") return call.reject("EINVAL", "the HWPT has no IOAS");
    const { dirty } = hwpt;
    if (dirty === undefined) {
      return call.reject("EOPNOTSUPP", "the HWPT was allocated without DIRTY_TRACKING");
    }
    if (!call.accept()) return;
    dirty.enabled = flags === FLAG_ENABLE;
    if (dirty.enabled) dirty.clear();
    const { enabled } = dirty;
    call.machine.emit({ kind: "dirty_tracking_changed", hwpt, enabled });
  },
});
