import type { IoctlEvent } from "../../engine/event/index.js";
import { refusedWith, succeeded } from "../answer.js";
import { domainName, restoredHwptAt } from "../domains.js";
import { objectName } from "../names.js";
import { defineRule, NOTHING_TO_SAY, RESTORE_PROFILES } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

/** Where each operation names the IOAS it changes. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  IOMMU_IOAS_MAP: ["ioas_id"],
  IOMMU_IOAS_MAP_FILE: ["ioas_id"],
  IOMMU_IOAS_COPY: ["dst_ioas_id", "src_ioas_id"],
  IOMMU_IOAS_UNMAP: ["ioas_id"],
};

export const apiMapRestoredHwpt = defineRule({
  id: "api-map-restored-hwpt",
  family: "iommufd-api",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "A restored HWPT has no IOAS: nothing can be mapped into it or unmapped from it.",
  sources: ["the seed mail, A5", "IOMMU live update RFC v2 (2025-12-02): no IOAS behind it"],
  messages: {
    refused: "{op} names {hwpt}, the handle of a restored domain, which is no IOAS",
    accepted: {
      text: "the kernel accepted {op} on {hwpt}, the handle of a restored domain",
      severity: "error",
    },
  },

  create(context) {
    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      const accepted = succeeded(step);
      if (!accepted && !refusedWith(step, "ENOENT")) return;
      for (const field of FIELDS[event.op] ?? []) {
        const hwpt = restoredHwptAt(contextAt(view, event), numberField(event, field));
        if (hwpt === undefined) continue;
        context.report({
          message: accepted ? "accepted" : "refused",
          seq: event.seq,
          objects: [objectName(hwpt)],
          about: [domainName(hwpt.domain)],
          data: { op: event.op, hwpt: objectName(hwpt) },
        });
      }
    }
    return {
      // A routine call names an IOAS, not a HWPT.
      routine: { map: NOTHING_TO_SAY, map_file: NOTHING_TO_SAY, unmap: NOTHING_TO_SAY },
      ioctl: Object.fromEntries(Object.keys(FIELDS).map((op) => [op, look])),
    };
  },
});
