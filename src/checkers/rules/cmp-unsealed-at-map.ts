import type { Area } from "../../engine/iommufd/areas.js";
import type { FileBacking } from "../../engine/iommufd/backing-file.js";
import type { IoasView } from "../domains.js";
import { iommufdName, objectName, rangeText } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";
import { fileText, objectOf } from "../subjects.js";
import type { View } from "../view.js";

/** F_SEAL_SEAL, F_SEAL_SHRINK and F_SEAL_GROW. */
const SIZE_SEALS = 0x7;

export const cmpUnsealedAtMap = defineRule({
  id: "cmp-unsealed-at-map",
  family: "completeness",
  severity: "warning",
  profiles: ["p1v1", "p1v5", "p2"],
  summary: "A memfd is sealed against changes of its size before it is mapped.",
  sources: ["iommufd_liveupdate_preserve (IOMMU live update v5): seals are those of the map"],
  messages: {
    unsealed: "{file} was mapped at {range} of {ioas} without SEAL, SHRINK and GROW seals",
  },

  create(context) {
    function look(area: View<Area>, ioas: IoasView, seq: number): boolean {
      if (area.backing.kind !== "file") return false;
      const { file, seals_at_map } = area.backing as View<FileBacking>;
      if (objectOf(file, "memfd") === undefined) return false;
      if (((seals_at_map ?? 0) & SIZE_SEALS) === SIZE_SEALS) return false;
      context.report({
        message: "unsealed",
        seq,
        objects: [objectName(ioas)],
        about: [iommufdName(ioas.context)],
        data: {
          file: fileText(file),
          range: rangeText(area.first, area.last),
          ioas: objectName(ioas),
        },
      });
      return true;
    }

    return {
      routine: {
        // Memory of a process has no seals.
        map: NOTHING_TO_SAY,
        map_file: ({ ioas }) => ioas !== undefined && !isMarked(ioas),
      },
      on: {
        // One area is enough: the preserve will fail for the first one.
        hwpt_marked({ hwpt }, step) {
          for (const area of hwpt.ioas.areas) if (look(area, hwpt.ioas, step.event.seq)) return;
        },
        area_added({ ioas, area }, step) {
          if (!isMarked(ioas)) return;
          look(area, ioas, step.event.seq);
        },
      },
    };
  },
});

/** A page table on it is marked for preservation. */
function isMarked(ioas: IoasView): boolean {
  return ioas.domains.some(({ mark_token }) => mark_token !== undefined);
}
