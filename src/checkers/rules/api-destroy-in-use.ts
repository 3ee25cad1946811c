import { acceptedAgainst, refusedWith } from "../answer.js";
import { objectName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";

export const apiDestroyInUse = defineRule({
  id: "api-destroy-in-use",
  family: "iommufd-api",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "An iommufd object is destroyed only when nothing uses it.",
  sources: ["iommufd_object_remove, drivers/iommu/iommufd/main.c (v7.3.4)"],
  messages: {
    refused: "IOMMU_DESTROY of {object}, which is in use, was refused; it is still there",
    accepted: {
      text: "the kernel destroyed {object}, which is in use",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        IOMMU_DESTROY(event, step, view) {
          const accepted = acceptedAgainst(step, "EBUSY");
          if (!accepted && !refusedWith(step, "EBUSY")) return;
          const object = contextAt(view, event)?.find(numberField(event, "id"));
          // Restored and preserved page tables have rules of their own.
          if (object === undefined || isKept(object, accepted)) return;
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [objectName(object)],
            data: { object: objectName(object) },
          });
        },
      },
    };
  },
});

interface Kept {
  readonly origin?: "fresh" | "restored";
  readonly preserved_as?: unknown;
}

function isKept(object: object, accepted: boolean): boolean {
  const { origin, preserved_as } = object as Kept;
  return origin === "restored" || (accepted && preserved_as !== undefined);
}
