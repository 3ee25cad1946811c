import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { idName, type ObjectName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type ContextView, contextAt } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

/** Where each operation tells the id of the object it has made. */
const NEW_IDS: Readonly<Record<string, readonly [field: string, type: string]>> = {
  IOMMU_IOAS_ALLOC: ["out_ioas_id", "IOAS"],
  IOMMU_HWPT_ALLOC: ["out_hwpt_id", "HWPT_PAGING"],
  IOMMU_VIOMMU_ALLOC: ["out_viommu_id", "VIOMMU"],
  IOMMU_VDEVICE_ALLOC: ["out_vdevice_id", "VDEVICE"],
  IOMMU_VEVENTQ_ALLOC: ["out_veventq_id", "VEVENTQ"],
  IOMMU_HW_QUEUE_ALLOC: ["out_hw_queue_id", "HW_QUEUE"],
  IOMMU_FAULT_QUEUE_ALLOC: ["out_fault_id", "FAULT"],
  IOMMU_HWPT_LU_RESTORE: ["pt_id", "HWPT_PAGING"],
  VFIO_DEVICE_BIND_IOMMUFD: ["out_devid", "DEVICE"],
};

export const traceDuplicateObject = defineRule({
  id: "trace-duplicate-object",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "An id names one object until that is destroyed.",
  sources: ["xa_alloc, drivers/iommu/iommufd/main.c (v7.3.4): ids are unique"],
  messages: {
    duplicate: "{op} gave out the id of {object}, which is still there since event {since}",
  },

  create(context) {
    /** Since when an id has its object, by what the trace recorded. */
    const live = new WeakMap<ContextView, Map<number, number>>();

    function idsOf(iommufd: ContextView): Map<number, number> {
      let ids = live.get(iommufd);
      if (ids === undefined) {
        ids = new Map();
        live.set(iommufd, ids);
      }
      return ids;
    }

    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      const [field, type] = NEW_IDS[event.op] ?? [];
      if (field === undefined || type === undefined || !succeeded(step)) return;
      const iommufd = contextAt(view, event);
      const id = event.out?.[field];
      if (iommufd === undefined || typeof id !== "number" || event.ret === undefined) return;
      const ids = idsOf(iommufd);
      const since = ids.get(id);
      ids.set(id, event.seq);
      // The same token may give the same HWPT again.
      if (since === undefined || since === event.seq || event.op === "IOMMU_HWPT_LU_RESTORE")
        return;
      const object: ObjectName = idName(iommufd, type, id);
      context.report({
        message: "duplicate",
        seq: event.seq,
        objects: [object],
        cause: since,
        witness: [since],
        data: { op: event.op, object, since },
      });
    }

    return {
      on: {
        object_destroyed({ context: iommufd, object }) {
          live.get(iommufd)?.delete(object.id);
        },
      },
      ioctl: {
        ...Object.fromEntries(Object.keys(NEW_IDS).map((op) => [op, look])),
        IOMMU_DESTROY(event, step, view) {
          const iommufd = contextAt(view, event);
          const id = event.in?.["id"];
          if (iommufd === undefined || typeof id !== "number" || !succeeded(step)) return;
          live.get(iommufd)?.delete(id);
        },
      },
    };
  },
});
