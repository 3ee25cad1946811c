import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { ioasAt, preservedName, preservedOn } from "../domains.js";
import { objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const immMapOnPreservedIoas = defineRule({
  id: "imm-map-on-preserved-ioas",
  family: "immutability",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "Nothing is mapped into an IOAS while a page table on it is preserved.",
  sources: [
    "IOMMU live update v1, PATCH 11/14 (2026-02-03): EBUSY when an area is made",
    "the seed mail, A5 in spirit",
  ],
  messages: {
    mapped: "{op} changed {ioas}, whose page table {hwpt} is preserved",
  },

  create(context) {
    function look(event: IoctlEvent, step: StepView, view: MachineView, field: string): void {
      if (!succeeded(step)) return;
      const ioas = ioasAt(contextAt(view, event), numberField(event, field));
      if (ioas?.frozen !== true) return;
      const [domain] = preservedOn(ioas);
      if (domain === undefined) return;
      context.report({
        message: "mapped",
        seq: event.seq,
        objects: [objectName(ioas)],
        about: preservedOn(ioas).map(preservedName),
        data: { op: event.op, ioas: objectName(ioas), hwpt: preservedName(domain) },
      });
    }
    return {
      // The IOAS of a routine call is not frozen.
      routine: { map: NOTHING_TO_SAY, map_file: NOTHING_TO_SAY },
      ioctl: {
        IOMMU_IOAS_MAP: (event, step, view) => look(event, step, view, "ioas_id"),
        IOMMU_IOAS_MAP_FILE: (event, step, view) => look(event, step, view, "ioas_id"),
        IOMMU_IOAS_COPY: (event, step, view) => look(event, step, view, "dst_ioas_id"),
      },
    };
  },
});
