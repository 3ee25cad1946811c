import type { PreservedIommufd } from "../../engine/liveupdate/preserved-domain.js";
import type { HwptView } from "../domains.js";
import { objectName, rangeText } from "../names.js";
import { defineRule } from "../rule.js";
import { fileText, objectOf, preservedMemfd } from "../subjects.js";
import type { MachineView, StepView, View } from "../view.js";

const IOMMUFD = "iommufd-v1";

export const cmpMemfdShrunk = defineRule({
  id: "cmp-memfd-shrunk-between-map-and-preserve",
  family: "completeness",
  severity: "error",
  profiles: ["seed", "rfc2"],
  summary: "A memfd is preserved as large as it is mapped.",
  sources: ["S. Khawaja, 2026-02-25, on IOMMU live update v1 PATCH 11/14"],
  messages: {
    shrunk: "{hwpt} maps {range} of {file}, which was preserved with {size} bytes only",
  },

  create(context) {
    /** The file behind an area is preserved, and shorter than what the area maps of it. */
    function look(hwpt: HwptView, only: object | undefined, step: StepView, view: MachineView) {
      for (const area of hwpt.ioas.areas) {
        const { file, base } = area.backing;
        const memfd = objectOf(file, "memfd");
        if (memfd === undefined || (only !== undefined && memfd !== only)) continue;
        const luoFile = preservedMemfd(view, memfd);
        const end = base + area.offsetOf(area.last) + 1n;
        if (luoFile === undefined || end <= memfd.size_bytes) continue;
        context.report({
          message: "shrunk",
          seq: step.event.seq,
          objects: [objectName(hwpt)],
          witness: [luoFile.preserved_seq],
          data: {
            hwpt: objectName(hwpt),
            range: rangeText(area.first, area.last),
            file: fileText(file),
            size: Number(memfd.size_bytes),
          },
        });
      }
    }

    return {
      on: {
        hwpt_preserved({ hwpt }, step, view) {
          look(hwpt, undefined, step, view);
        },
        // Either may come second where the design has no order.
        file_preserved({ luo_file: { source } }, step, view) {
          if (source.object.kind !== "memfd") return;
          for (const { handler, record } of view.liveUpdate.preserved.values()) {
            if (handler.compatible !== IOMMUFD) continue;
            const { domains } = record as View<PreservedIommufd>;
            for (const { hwpt } of domains) look(hwpt, source.object, step, view);
          }
        },
      },
    };
  },
});
