import type { Area } from "../../engine/iommufd/areas.js";
import { refusedWith, succeeded } from "../answer.js";
import type { HwptView } from "../domains.js";
import { objectName, rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { type ContextView, fileAt, numberField, objectOf } from "../subjects.js";
import type { View } from "../view.js";

export const cmpAnonMapping = defineRule({
  id: "cmp-anon-mapping-in-marked-hwpt",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "A page table that is to cross maps files only.",
  sources: ["iommufd_liveupdate_preserve (IOMMU live update v5): EINVAL for other areas"],
  messages: {
    accepted: "{hwpt} is preserved and maps {range}, which is no file's memory",
    refused: {
      text: "{hwpt} cannot be preserved: it maps {range}, which is no file's memory",
      severity: "info",
    },
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const accepted = succeeded(step);
          if (!accepted && !refusedWith(step, "EINVAL")) return;
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          const iommufd = objectOf(file, "iommufd");
          if (iommufd === undefined) return;
          for (const hwpt of marked(iommufd)) {
            const area = firstForeignArea(hwpt);
            if (area === undefined) continue;
            // No kernel gives a device's BAR away: where it is taken, that is cmp-mmio-mapping.
            if (accepted && area.backing.kind === "dmabuf") continue;
            context.report({
              message: accepted ? "accepted" : "refused",
              seq: event.seq,
              objects: [objectName(hwpt)],
              data: { hwpt: objectName(hwpt), range: rangeText(area.first, area.last) },
            });
          }
        },
      },
    };
  },
});

function marked(iommufd: ContextView): HwptView[] {
  return iommufd
    .objects()
    .filter(({ type }) => type === "HWPT_PAGING")
    .map((object) => object as unknown as HwptView)
    .filter(({ mark_token }) => mark_token !== undefined);
}

/** Memory of a process where there is some, else of a device. */
function firstForeignArea(hwpt: HwptView) {
  let device: View<Area> | undefined;
  for (const area of hwpt.ioas.areas) {
    if (area.backing.kind === "file") continue;
    if (area.backing.kind !== "dmabuf") return area;
    device ??= area;
  }
  return device;
}
