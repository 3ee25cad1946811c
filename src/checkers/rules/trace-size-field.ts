import { requestByName } from "../../engine/abi/requests.js";
import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { StepView } from "../view.js";

export const traceSizeField = defineRule({
  id: "trace-size-field",
  family: "trace",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A call that succeeds has a size the kernel can accept, and zeros behind what it knows.",
  sources: ["copy_struct_from_user, lib/usercopy.c (v7.3.4): EINVAL and E2BIG"],
  messages: {
    short: "{op} succeeded with size {size}, its kernel asks for at least {minimum}",
    tail: "{op} succeeded although bytes behind the struct are not zero",
  },

  create(context) {
    function look(event: IoctlEvent, step: StepView): void {
      // The model makes the same check: what it accepts has nothing wrong here.
      if (step.outcome.errno === undefined || event.ret === undefined || !succeeded(step)) return;
      const layout = requestByName(event.op)?.layout;
      // VFIO's argsz says how much there is; what lies behind the struct is data.
      if (layout?.size_field !== "size") return;
      const size = event.in?.["size"];
      const common = { seq: event.seq, objects: [plainName("operation", event.op)] };
      if (typeof size === "number" && size < layout.minimum_bytes) {
        const data = { op: event.op, size, minimum: layout.minimum_bytes };
        context.report({ message: "short", data, ...common });
      } else if (event.tail?.some((byte) => byte !== 0) === true) {
        context.report({ message: "tail", data: { op: event.op }, ...common });
      }
    }
    return { refused_any: look };
  },
});
