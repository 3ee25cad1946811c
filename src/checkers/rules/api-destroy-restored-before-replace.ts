import { acceptedAgainst, refusedWith } from "../answer.js";
import { domainName, restoredHwptAt } from "../domains.js";
import { objectName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";

export const apiDestroyRestored = defineRule({
  id: "api-destroy-restored-before-replace",
  family: "iommufd-api",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "A restored HWPT is destroyed only after it was replaced.",
  sources: ["the seed mail, A7: destroy it after replacing it"],
  messages: {
    refused: "IOMMU_DESTROY of {hwpt} was refused: it still translates for a device",
    accepted: {
      text: "the kernel destroyed {hwpt} although it still translates for a device",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        IOMMU_DESTROY(event, step, view) {
          const accepted = acceptedAgainst(step, "EBUSY");
          if (!accepted && !refusedWith(step, "EBUSY")) return;
          const hwpt = restoredHwptAt(contextAt(view, event), numberField(event, "id"));
          if (hwpt?.domain.attached !== true) return;
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [objectName(hwpt)],
            about: [domainName(hwpt.domain)],
            data: { hwpt: objectName(hwpt) },
          });
        },
      },
    };
  },
});
