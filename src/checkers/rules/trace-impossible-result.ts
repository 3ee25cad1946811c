import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileAt, numberField } from "../subjects.js";
import type { MachineView } from "../view.js";

/** Operations whose order of checks is known for every profile. */
const JUDGED = /^(LIVEUPDATE_|IOMMU_HWPT_LU_|IOMMU_HWPT_LIVEUPDATE_)/;

export const traceImpossibleResult = defineRule({
  id: "trace-impossible-result",
  family: "trace",
  severity: "error",
  residual: true,
  profiles: ALL_PROFILES,
  summary: "A live-update call is answered as the profile's kernel answers it.",
  sources: ["the ordered checks of kernel/liveupdate (v7.3.4) and of the posted series"],
  messages: {
    impossible: "{op} succeeded, which this kernel answers with {errno} ({why})",
  },

  create(context) {
    return {
      refused_any(event, step, view) {
        const { errno, judgement, decided_by } = step.outcome;
        if (errno === undefined || event.ret === undefined) return;
        if (judgement !== "predicted" || !succeeded(step) || !JUDGED.test(event.op)) return;
        if (isDependent(event, view) || isUnknown(event, view)) return;
        context.report({
          message: "impossible",
          seq: event.seq,
          objects: [plainName("operation", event.op)],
          cause: errno,
          data: { op: event.op, errno, why: decided_by ?? "no reason known" },
        });
      },
    };
  },
});

/** A descriptor whose origin the trace does not show can be for anything. */
function isUnknown({ pid, fd }: IoctlEvent, view: MachineView): boolean {
  const object = fileAt(view, pid, fd)?.object;
  return object?.kind === "other" && !object.describe().startsWith("/");
}

/** What a lax kernel lets into a session is judged by what crosses: see the cmp- rules. */
function isDependent(event: IoctlEvent, view: MachineView): boolean {
  if (event.op !== "LIVEUPDATE_SESSION_PRESERVE_FD") return false;
  const kind = fileAt(view, event.pid, numberField(event, "fd"))?.object.kind;
  return kind === "iommufd" || kind === "vfio_device";
}
