import { acceptedAgainst, refusedWith } from "../answer.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { textField } from "../subjects.js";

export const sesRetrieveSessionTwice = defineRule({
  id: "ses-retrieve-session-twice",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A session that arrived is retrieved once; who needs it later is handed its descriptor.",
  sources: ["luo_session_retrieve, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    refused: "{session} was retrieved before ({state}); it cannot be retrieved again",
    accepted: {
      text: "the kernel gave {session} out a second time ({state})",
      severity: "error",
    },
  },

  create(context) {
    /** Seq of the first retrieve, by serial; of this kernel's sessions only. */
    const retrieved = new Map<number, number>();
    return {
      on: {
        session_retrieved({ session }, step) {
          retrieved.set(session.serial, step.event.seq);
        },
        session_closed({ session }) {
          retrieved.delete(session.serial);
        },
        kernel_booted() {
          retrieved.clear();
        },
      },
      ioctl: {
        LIVEUPDATE_IOCTL_RETRIEVE_SESSION(event, step, view) {
          const accepted = acceptedAgainst(step, "EINVAL");
          if (!accepted && !refusedWith(step, "EINVAL")) return;
          const session = view.liveUpdate.incoming.get(textField(event, "name") ?? "");
          if (session?.retrieved !== true) return;
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [sessionName(session)],
            witness: [retrieved.get(session.serial)],
            data: { session: sessionName(session), state: STATES[session.state] ?? "open" },
          });
        },
      },
    };
  },
});

const STATES: Readonly<Record<string, string>> = {
  in_open: "its descriptor is open",
  in_empty: "it is finished, its descriptor is open",
  in_stuck: "it is stuck: its last descriptor was closed before it could finish",
};
