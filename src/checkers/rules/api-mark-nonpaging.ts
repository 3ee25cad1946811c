import type { IoctlEvent } from "../../engine/event/index.js";
import { refusedWith, succeeded } from "../answer.js";
import { onMark } from "../marks.js";
import { idName } from "../names.js";
import { defineRule } from "../rule.js";
import { contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const apiMarkNonpaging = defineRule({
  id: "api-mark-nonpaging",
  family: "iommufd-api",
  severity: "warning",
  profiles: ["p1v1", "p1v5", "p2"],
  summary: "Only page tables of the kernel can be marked.",
  sources: ["iommufd_get_hwpt_paging in the mark handler (IOMMU live update v5): ENOENT"],
  messages: {
    refused: "{object} cannot be marked: it is no page table of the kernel",
    accepted: {
      text: "the kernel marked {object}, which is no page table of the kernel",
      severity: "error",
    },
  },

  create(context) {
    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      const accepted = succeeded(step);
      if (!accepted && !refusedWith(step, "ENOENT")) return;
      const iommufd = contextAt(view, event);
      const id = numberField(event, "hwpt_id");
      const object = iommufd?.find(id);
      if (iommufd === undefined || object?.type === "HWPT_PAGING") return;
      const name = idName(iommufd, object?.type ?? "nothing", id);
      context.report({
        message: accepted ? "accepted" : "refused",
        seq: event.seq,
        objects: [name],
        data: { object: name },
      });
    }
    return { ioctl: onMark(look) };
  },
});
