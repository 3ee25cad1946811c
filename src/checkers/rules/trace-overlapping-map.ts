import type { IoctlEvent } from "../../engine/event/index.js";
import type { Ioas } from "../../engine/iommufd/ioas.js";
import { acceptedAgainst } from "../answer.js";
import { objectName, rangeText } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { contextAt, numberField, u64Field } from "../subjects.js";
import type { MachineView, StepView, View } from "../view.js";

export const traceOverlappingMap = defineRule({
  id: "trace-overlapping-map",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A mapping is accepted only where its IOAS has none: an IOVA cannot be mapped over.",
  sources: ["include/uapi/linux/iommufd.h (v7.3.4): an existing IOVA cannot be replaced"],
  messages: {
    overlap: "{op} put {range} over mapping {old} of {ioas}, which was not unmapped before",
  },

  create(context) {
    function look(
      event: IoctlEvent,
      step: StepView,
      view: MachineView,
      fields: { readonly ioas: string; readonly iova: string },
    ): void {
      if (!acceptedAgainst(step, "EEXIST")) return;
      const object = contextAt(view, event)?.find(numberField(event, fields.ioas));
      if (object?.type !== "IOAS") return;
      const ioas = object as unknown as View<Ioas>;
      const first = u64Field(event, fields.iova);
      const last = first + u64Field(event, "length") - 1n;
      const old = ioas.areas.find(first) ?? ioas.areas.atOrAfter(first);
      if (old === undefined || old.first > last) return;
      context.report({
        message: "overlap",
        seq: event.seq,
        objects: [objectName(ioas)],
        cause: rangeText(first, last),
        data: {
          op: event.op,
          range: rangeText(first, last),
          old: rangeText(old.first, old.last),
          ioas: objectName(ioas),
        },
      });
    }
    const mapped = { ioas: "ioas_id", iova: "iova" };
    const copied = { ioas: "dst_ioas_id", iova: "dst_iova" };
    return {
      refused: {
        IOMMU_IOAS_MAP: (event, step, view) => look(event, step, view, mapped),
        IOMMU_IOAS_MAP_FILE: (event, step, view) => look(event, step, view, mapped),
        IOMMU_IOAS_COPY: (event, step, view) => look(event, step, view, copied),
      },
    };
  },
});
