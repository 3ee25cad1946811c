import { LatestMarks } from "../marks.js";
import { objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";

export const apiMarkNeverPreserved = defineRule({
  id: "api-mark-never-preserved",
  family: "iommufd-api",
  severity: "info",
  profiles: DOMAIN_PROFILES,
  summary: "A HWPT is marked in an iommufd that crosses.",
  sources: ["uAPI note of IOMMU live update v5: there is no way to take a mark back"],
  messages: {
    useless: "{hwpt} is marked, but its iommufd is in no session: the mark has no effect",
  },

  create(context) {
    const marks = new LatestMarks();
    return {
      on: {
        ...marks.on,
        serialized({ sessions }, step) {
          const crossing = new Set<object>();
          for (const session of sessions) {
            for (const { source } of session.files.values()) crossing.add(source.object);
          }
          for (const [hwpt, seq] of marks.entries()) {
            if (crossing.has(hwpt.context)) continue;
            context.report({
              message: "useless",
              seq: step.event.seq,
              objects: [objectName(hwpt)],
              witness: [seq],
              data: { hwpt: objectName(hwpt) },
            });
          }
        },
      },
    };
  },
});
