import { acceptedAgainst, refusedWith } from "../answer.js";
import { iommufdName } from "../names.js";
import { defineRule } from "../rule.js";
import { contextAt } from "../subjects.js";

export const apiRestoreOnFreshIommufd = defineRule({
  id: "api-restore-on-fresh-iommufd",
  family: "iommufd-api",
  severity: "warning",
  profiles: ["rfc2", "p2"],
  summary: "HWPTs are restored on an iommufd that came out of a session.",
  sources: ["the restore handler, IOMMU live update RFC v2 (2025-12-02): ENOTTY"],
  messages: {
    refused: "IOMMU_HWPT_LU_RESTORE on {iommufd}, which did not come out of a session",
    accepted: {
      text: "the kernel restored a HWPT on {iommufd}, which did not come out of a session",
      severity: "error",
    },
  },

  create(context) {
    /** iommufds that were retrieved, finished ones too. */
    const retrieved = new WeakSet<object>();
    return {
      on: {
        file_retrieved({ file }) {
          retrieved.add(file.object);
        },
      },
      ioctl: {
        IOMMU_HWPT_LU_RESTORE(event, step, view) {
          const accepted = acceptedAgainst(step, "ENOTTY");
          if (!accepted && !refusedWith(step, "ENOTTY")) return;
          const iommufd = contextAt(view, event);
          if (iommufd === undefined || retrieved.has(iommufd)) return;
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [iommufdName(iommufd)],
            data: { iommufd: iommufdName(iommufd) },
          });
        },
      },
    };
  },
});
