import { acceptedAgainst, refusedWith } from "../answer.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileAt, fileText, numberField, sessionAt } from "../subjects.js";

export const sesPreserveAfterRetrieve = defineRule({
  id: "ses-preserve-after-retrieve",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "For the next update files go into a new session, not into one that arrived.",
  sources: ["luo_ioctl_type_valid, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    refused: "{session} came out of a kexec and takes no files; {file} was refused",
    accepted: {
      text: "the kernel put {file} into {session}, which came out of a kexec",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const accepted = acceptedAgainst(step, "EINVAL");
          if (!accepted && !refusedWith(step, "EINVAL")) return;
          const session = sessionAt(view, event);
          if (session === undefined || session.isOutgoing) return;
          context.report({
            message: accepted ? "accepted" : "refused",
            seq: event.seq,
            objects: [sessionName(session)],
            data: {
              session: sessionName(session),
              file: fileText(fileAt(view, event.pid, numberField(event, "fd"))),
            },
          });
        },
      },
    };
  },
});
