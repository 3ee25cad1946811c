import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { type IoasView, ioasAt, preservedName, preservedOn } from "../domains.js";
import { objectName, plural } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { contextAt, numberField, u64Field } from "../subjects.js";
import type { StepView } from "../view.js";

export const immUnmapOnPreservedIoas = defineRule({
  id: "imm-unmap-on-preserved-ioas",
  family: "immutability",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "Nothing is unmapped from an IOAS while a page table on it is preserved.",
  sources: ["IOMMU live update v1, PATCH 11/14 (2026-02-03): EBUSY before areas are looked at"],
  messages: {
    unmapped: "IOMMU_IOAS_UNMAP removed {bytes} from {ioas}, whose page table {hwpt} is preserved",
  },

  create(context) {
    return {
      // The IOAS of a routine call is not frozen.
      routine: { unmap: NOTHING_TO_SAY },
      ioctl: {
        IOMMU_IOAS_UNMAP(event, step, view) {
          const ioas = ioasAt(contextAt(view, event), numberField(event, "ioas_id"));
          if (ioas?.frozen !== true) return;
          const bytes = removedBytes(event, step, ioas);
          if (bytes === 0n) return;
          const [domain] = preservedOn(ioas);
          if (domain === undefined) return;
          context.report({
            message: "unmapped",
            seq: event.seq,
            objects: [objectName(ioas)],
            about: preservedOn(ioas).map(preservedName),
            data: {
              bytes: plural(Number(bytes), "byte"),
              ioas: objectName(ioas),
              hwpt: preservedName(domain),
            },
          });
        },
      },
    };
  },
});

/** What the call says it removed; else what is there, or what went before the call failed. */
function removedBytes(event: IoctlEvent, step: StepView, ioas: IoasView): bigint {
  let bytes = 0n;
  if (event.ret !== undefined && succeeded(step)) {
    const length = event.out?.["length"];
    if (typeof length === "bigint") return length;
    // It took effect against the model: there, the mappings still are.
    const first = u64Field(event, "iova");
    const last = first + u64Field(event, "length") - 1n;
    for (const area of ioas.areas) {
      if (area.first >= first && area.last <= last) bytes += area.last - area.first + 1n;
    }
    if (bytes > 0n) return bytes;
  }
  for (const transition of step.transitions) {
    if (transition.kind !== "area_removed") continue;
    bytes += transition.area.last - transition.area.first + 1n;
  }
  return bytes;
}
