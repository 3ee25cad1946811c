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
    const attached = new Map<PciDeviceView, Nested & { readonly seq: number }>();

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
        device_detached({ device }) {
          for (const known of attached.keys()) {
            if (known.hardware === device.hardware) attached.delete(known);
          }
        },
        serialized(_, step) {
          for (const [device, { hwpt, parent, seq }] of attached) {
            if (device.preserved_as === undefined) continue;
            const name = deviceName(device.name);
            context.report({
              message: "nested",
              seq: step.event.seq,
              objects: [name, hwpt],
              witness: [seq],
              data: { device: name, hwpt, parent },
            });
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
          if (nested === undefined) attached.delete(device);
          else attached.set(device, { ...nested, seq: event.seq });
        },
      },
    };
  },
});
