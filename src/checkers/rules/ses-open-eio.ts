import { refusedWith } from "../answer.js";
import { plainName, plural, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

const NODE = "/dev/liveupdate";

export const sesOpenEio = defineRule({
  id: "ses-open-eio",
  family: "session",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "The next kernel can read every session it is handed.",
  sources: ["luo_session_deserialize, luo_open, kernel/liveupdate (v7.3.4)"],
  messages: {
    lost: "/dev/liveupdate answers EIO: {lost} that arrived will stay out of reach until a reboot",
  },

  create(context) {
    let bootSeq: number | undefined;
    return {
      // A routine open is of a file that the model does not look into.
      routine: { open: NOTHING_TO_SAY },
      on: {
        kernel_booted(_, step) {
          bootSeq = step.event.seq;
        },
      },
      event: {
        open(event, step, view) {
          if (event.path !== NODE || !refusedWith(step, "EIO")) return;
          const sessions = [...view.liveUpdate.incoming.values()];
          context.report({
            message: "lost",
            seq: event.seq,
            objects: [plainName("node", NODE)],
            witness: [bootSeq],
            about: sessions.map(sessionName),
            data: { lost: plural(sessions.length, "session") },
          });
        },
      },
    };
  },
});
