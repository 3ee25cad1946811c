import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { domainName, restoredHwptAt } from "../domains.js";
import { deviceName, rangeText } from "../names.js";
import { defineRule, NOTHING_TO_SAY, RESTORE_PROFILES } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

const GET_DIRTY_BITMAP_NO_CLEAR = 1;
/** What a device must not get through if the table still is as it was written down. */
const NOT_IN_TABLE: ReadonlySet<string> = new Set(["not_mapped", "not_readable", "not_writable"]);

export const immMutateRestoredDomain = defineRule({
  id: "imm-mutate-restored-domain",
  family: "immutability",
  severity: "error",
  profiles: RESTORE_PROFILES,
  summary: "A restored page table stays for ever what it was when it was written down.",
  sources: ["the seed mail, A5: no map, no unmap, it never becomes mutable"],
  messages: {
    added: "{device} reached {range} through {domain}, whose table does not allow that",
    removed: "{device} does not reach {range} through {domain} any more, after {op} named it",
    cleared: "GET_DIRTY_BITMAP cleared dirty bits of {domain}",
  },

  create(context) {
    /** Calls that named a restored domain to change it and were accepted, by its uid. */
    const changed = new Map<number, { seq: number; op: string }>();

    function remember(event: IoctlEvent, step: StepView, view: MachineView, field: string): void {
      if (!succeeded(step)) return;
      const hwpt = restoredHwptAt(contextAt(view, event), numberField(event, field));
      if (hwpt === undefined) return;
      changed.set(hwpt.domain.uid, { seq: event.seq, op: event.op });
    }

    return {
      // A routine call names an IOAS, not a HWPT; no restored domain lies in its way.
      routine: {
        map: NOTHING_TO_SAY,
        map_file: NOTHING_TO_SAY,
        unmap: NOTHING_TO_SAY,
        dma: NOTHING_TO_SAY,
      },
      on: {
        dma(transfer) {
          if (transfer.restored === undefined) return;
          const { device, event, predicted, pieces } = transfer;
          const { observed } = event;
          for (const { target, restored, iova, length_bytes } of pieces) {
            if (restored === undefined) continue;
            const call = changed.get(restored.uid);
            const domain = domainName(restored);
            const common = {
              seq: event.seq,
              objects: [domain],
              about: [deviceName(device.name)],
              witness: [restored.table.serialized_seq, call?.seq],
            };
            const data = {
              device: deviceName(device.name),
              range: rangeText(iova, iova + BigInt(length_bytes) - 1n),
              domain,
            };
            const beyond = target.kind === "fault" && NOT_IN_TABLE.has(target.reason);
            if (beyond && observed === "ok") {
              context.report({ message: "added", data, ...common });
            } else if (observed === "fault" && predicted === "ok" && call !== undefined) {
              context.report({ message: "removed", data: { ...data, op: call.op }, ...common });
            }
          }
        },
        kernel_booted() {
          changed.clear();
        },
      },
      ioctl: {
        IOMMU_IOAS_MAP: (event, step, view) => remember(event, step, view, "ioas_id"),
        IOMMU_IOAS_MAP_FILE: (event, step, view) => remember(event, step, view, "ioas_id"),
        IOMMU_IOAS_COPY: (event, step, view) => remember(event, step, view, "dst_ioas_id"),
        IOMMU_IOAS_UNMAP: (event, step, view) => remember(event, step, view, "ioas_id"),
        IOMMU_HWPT_GET_DIRTY_BITMAP(event, step, view) {
          if (!succeeded(step)) return;
          if ((numberField(event, "flags") & GET_DIRTY_BITMAP_NO_CLEAR) !== 0) return;
          const hwpt = restoredHwptAt(contextAt(view, event), numberField(event, "hwpt_id"));
          if (hwpt === undefined) return;
          const domain = domainName(hwpt.domain);
          context.report({
            message: "cleared",
            seq: event.seq,
            objects: [domain],
            data: { domain },
          });
        },
      },
    };
  },
});
