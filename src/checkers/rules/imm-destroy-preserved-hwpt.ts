import { succeeded } from "../answer.js";
import type { HwptView, PreservedDomainView } from "../domains.js";
import { type ObjectName, objectName } from "../names.js";
import { defineRule } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";
import type { StepView } from "../view.js";

export const immDestroyPreservedHwpt = defineRule({
  id: "imm-destroy-preserved-hwpt",
  family: "immutability",
  severity: "error",
  profiles: ["seed", "p1v1", "p1v5", "p2"],
  summary: "A preserved page table is not destroyed while its session is open.",
  sources: ["drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5): the record holds it"],
  messages: {
    destroyed: "IOMMU_DESTROY of {hwpt} took effect although it is preserved",
  },

  create(context) {
    const preserved = new WeakMap<PreservedDomainView, number>();

    function destroyedBy(step: StepView): HwptView | undefined {
      for (const transition of step.transitions) {
        if (transition.kind !== "object_destroyed") continue;
        const { object } = transition;
        if (object.type === "HWPT_PAGING") return object as unknown as HwptView;
      }
      return undefined;
    }

    return {
      on: {
        hwpt_preserved({ domain }, step) {
          preserved.set(domain, step.event.seq);
        },
      },
      ioctl: {
        IOMMU_DESTROY(event, step, view) {
          if (!succeeded(step)) return;
          const object = contextAt(view, event)?.find(numberField(event, "id"));
          const kept = object?.type === "HWPT_PAGING" ? (object as unknown as HwptView) : undefined;
          const hwpt = destroyedBy(step) ?? kept;
          if (hwpt?.preserved_as === undefined) return;
          const name: ObjectName = objectName(hwpt);
          context.report({
            message: "destroyed",
            seq: event.seq,
            objects: [name],
            witness: [preserved.get(hwpt.preserved_as)],
            data: { hwpt: name },
          });
        },
      },
    };
  },
});
