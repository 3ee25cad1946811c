import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { deviceName, idName, type ObjectName } from "../names.js";
import { defineRule } from "../rule.js";
import {
  type ContextView,
  contextAt,
  deviceAt,
  numberField,
  type PciDeviceView,
} from "../subjects.js";

/** VFIO_DEVICE_ATTACH_PASID, include/uapi/linux/vfio.h */
const FLAG_PASID = 1;

/** A guest's page table and what lies below it. */
interface Nested {
  readonly hwpt: ObjectName;
  readonly parent: ObjectName;
}

export const cmpNestedNotPreserved = defineRule({
  id: "cmp-nested-not-preserved",
  family: "completeness",
  severity: "error",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  summary: "A device that crosses is not attached to a guest's page table.",
  sources: [
    "find_hwpt_paging takes the parent (IOMMU live update v1)",
    "IOMMU live update v1 cover letter, 2026-02-03: nested tables are future work",
  ],
  messages: {
    nested: "{device} crosses while it uses {hwpt}: only its parent {parent} crosses with it",
  },

  create(context) {
    // The units of the model make no nest parents, so what the calls say is kept here.
    const tables = new WeakMap<ContextView, Map<number, Nested>>();
    /** By device, and by PASID; 0 is the device's own requests. */
    const attached = new Map<PciDeviceView, Map<number, Nested & { readonly seq: number }>>();

    function alloc(event: IoctlEvent, iommufd: ContextView | undefined): void {
      const id = event.out?.["out_hwpt_id"];
      if (iommufd === undefined || typeof id !== "number") return;
      let known = tables.get(iommufd);
      if (known === undefined) {
        known = new Map();
        tables.set(iommufd, known);
      }
      // Only a guest's table comes with data of its own; ids are given out again.
      if (numberField(event, "data_type") === 0) known.delete(id);
      else {
        known.set(id, {
          hwpt: idName(iommufd, "HWPT_NESTED", id),
          parent: idName(iommufd, "HWPT_PAGING", numberField(event, "pt_id")),
        });
      }
    }

    return {
      on: {
        device_detached({ device, pasid }) {
          for (const [known, tables_of] of attached) {
            if (known.hardware === device.hardware) tables_of.delete(pasid);
          }
        },
        serialized(_, step) {
          for (const [device, tables_of] of attached) {
            if (device.preserved_as === undefined) continue;
            const name = deviceName(device.name);
            for (const { hwpt, parent, seq } of tables_of.values()) {
              context.report({
                message: "nested",
                seq: step.event.seq,
                objects: [name, hwpt],
                witness: [seq],
                data: { device: name, hwpt, parent },
              });
            }
          }
        },
        kernel_booted() {
          attached.clear();
        },
      },
      ioctl: {
        IOMMU_HWPT_ALLOC(event, step, view) {
          if (succeeded(step)) alloc(event, contextAt(view, event));
        },
        VFIO_DEVICE_ATTACH_IOMMUFD_PT(event, step, view) {
          const device = deviceAt(view, event);
          const iommufd = contextAt(view, event);
          if (device === undefined || iommufd === undefined || !succeeded(step)) return;
          const nested = tables.get(iommufd)?.get(numberField(event, "pt_id"));
          const flags = numberField(event, "flags");
          const pasid = (flags & FLAG_PASID) === 0 ? 0 : numberField(event, "pasid");
          const tables_of = attached.get(device) ?? new Map();
          attached.set(device, tables_of);
          if (nested === undefined) tables_of.delete(pasid);
          else tables_of.set(pasid, { ...nested, seq: event.seq });
        },
        IOMMU_DESTROY(event, step, view) {
          const iommufd = contextAt(view, event);
          if (iommufd === undefined || !succeeded(step)) return;
          tables.get(iommufd)?.delete(numberField(event, "id"));
        },
      },
    };
  },
});
