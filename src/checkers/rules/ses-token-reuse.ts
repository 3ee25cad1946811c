import { acceptedAgainst, refusedWith } from "../answer.js";
import { sessionFileName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileAt, fileText, numberField, sessionAt, u64Field } from "../subjects.js";

export const sesTokenReuse = defineRule({
  id: "ses-token-reuse",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A token names one file of its session.",
  sources: ["luo_token_is_used, kernel/liveupdate/luo_file.c (v7.3.4)"],
  messages: {
    refused: "{object} is {holder} already; {file} was refused and does not get this token",
    same: "{object} is {holder} already; preserving it again was refused",
    accepted: {
      text: "the kernel put {file} under {object}, which is {holder} already",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const accepted = acceptedAgainst(step, "EEXIST");
          if (!accepted && !refusedWith(step, "EEXIST")) return;
          const session = sessionAt(view, event);
          if (session === undefined) return;
          const token = u64Field(event, "token");
          const holder = session.files.get(token);
          const object = sessionFileName(session, token);
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          const common = { seq: event.seq, objects: [object], witness: [holder?.preserved_seq] };
          const data = { object, holder: fileText(holder?.source) };
          if (!accepted && file !== undefined && file.object === holder?.source.object) {
            context.report({ message: "same", data, ...common });
            return;
          }
          context.report({
            message: accepted ? "accepted" : "refused",
            data: { ...data, file: fileText(file) },
            ...common,
          });
        },
      },
    };
  },
});
