import { acceptedAgainst, refusedWith } from "../answer.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

const NODE = "/dev/liveupdate";

export const sesDeviceOpenContention = defineRule({
  id: "ses-device-open-contention",
  family: "session",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "/dev/liveupdate has one user at a time.",
  sources: [
    "luo_open, kernel/liveupdate/luo_core.c (v7.3.4)",
    "exclusive_open, tools/testing/selftests/liveupdate/liveupdate.c (v7.3.4)",
  ],
  messages: {
    refused: "pid {pid} finds /dev/liveupdate in use",
    accepted: {
      text: "the kernel let pid {pid} open /dev/liveupdate while somebody else has it open",
      severity: "error",
    },
  },

  create(context) {
    /** Seq of the open that holds the node now. */
    let holder: number | undefined;
    return {
      // A routine open is of a file that the model does not look into.
      routine: { open: NOTHING_TO_SAY },
      event: {
        open(event, step, view) {
          if (event.path !== NODE) return;
          const accepted = acceptedAgainst(step, "EBUSY");
          if (!accepted && !refusedWith(step, "EBUSY")) {
            if (view.liveUpdate.deviceOpen) holder = event.seq;
            return;
          }
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [plainName("node", NODE)],
            witness: [holder],
            data: { pid: event.pid },
          });
        },
      },
    };
  },
});
