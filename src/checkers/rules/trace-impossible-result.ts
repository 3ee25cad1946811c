import { succeeded } from "../answer.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { StepView } from "../view.js";

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
      any(event, step: StepView) {
        if (event.type !== "ioctl" || event.ret === undefined || !JUDGED.test(event.op)) return;
        const { errno, judgement, decided_by } = step.outcome;
        if (errno === undefined || judgement !== "predicted" || !succeeded(step)) return;
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
