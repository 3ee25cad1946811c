import type { IoctlEvent } from "../../engine/event/index.js";
import { acceptedAgainst, refusedWith } from "../answer.js";
import type { HwptView } from "../domains.js";
import { markToken, onMark } from "../marks.js";
import { hex, objectName } from "../names.js";
import { defineRule } from "../rule.js";
import { type ContextView, contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const apiMarkTokenCollision = defineRule({
  id: "api-mark-token-collision",
  family: "iommufd-api",
  severity: "warning",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  summary: "A token marks one HWPT of its iommufd.",
  sources: ["the mark handler (IOMMU live update v5): EADDRINUSE"],
  messages: {
    refused: "token {token} marks {holder} already; {hwpt} was not marked",
    accepted: {
      text: "the kernel marked {hwpt} with token {token}, which marks {holder} already",
      severity: "error",
    },
  },

  create(context) {
    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      const accepted = acceptedAgainst(step, "EADDRINUSE");
      if (!accepted && !refusedWith(step, "EADDRINUSE")) return;
      const iommufd = contextAt(view, event);
      const token = markToken(event);
      const hwpt = iommufd?.find(numberField(event, "hwpt_id"));
      if (iommufd === undefined || token === undefined || hwpt === undefined) return;
      const holder = holderOf(iommufd, token, hwpt);
      if (holder === undefined) return;
      context.report({
        message: accepted ? "accepted" : "refused",
        seq: event.seq,
        objects: [objectName(hwpt), objectName(holder)],
        data: { token: hex(token), holder: objectName(holder), hwpt: objectName(hwpt) },
      });
    }
    return { ioctl: onMark(look) };
  },
});

/** Another HWPT with this token: marking one again with its own is no collision. */
function holderOf(iommufd: ContextView, token: bigint, own: object): HwptView | undefined {
  for (const object of iommufd.objects()) {
    if (object.type !== "HWPT_PAGING" || object === own) continue;
    const hwpt = object as unknown as HwptView;
    if (hwpt.mark_token === token) return hwpt;
  }
  return undefined;
}
