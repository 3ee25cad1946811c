import { acceptedAgainst, refusedWith } from "../answer.js";
import { sessionFileName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileAt, fileText, luoFileOf, numberField, sessionAt } from "../subjects.js";

export const sesDoublePreserve = defineRule({
  id: "ses-double-preserve",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A file is in at most one session, and after an update only once it is finished.",
  sources: [
    "luo_preserve_file and luo_preserved_files, kernel/liveupdate/luo_file.c (v7.3.4)",
    "prevent_double_preservation, tools/testing/selftests/liveupdate/liveupdate.c (v7.3.4)",
  ],
  messages: {
    refused: "{file} is {holder} already; {session} does not get it",
    again: "{file} is {holder} already; a second token was refused",
    unfinished:
      "{file} arrived as {holder}, which is not finished; the new {session} does not get it",
    accepted: {
      text: "the kernel put {file} into {session} although it is {holder} already",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const accepted = acceptedAgainst(step, "EBUSY");
          if (!accepted && !refusedWith(step, "EBUSY")) return;
          const session = sessionAt(view, event);
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          // EBUSY has other reasons for files that carry more than themselves.
          const known = luoFileOf(view, file);
          if (session === undefined || known === undefined) return;
          const holder = sessionFileName(known.session, known.token);
          const common = {
            seq: event.seq,
            objects: [holder, sessionName(session)],
            about: [sessionName(known.session)],
            witness: [known.retrieved_seq ?? known.preserved_seq],
          };
          const data = { file: fileText(file), holder };
          if (!accepted && known.session === session) {
            context.report({ message: "again", data, ...common });
            return;
          }
          const isUnfinished = known.retrieved_seq !== undefined;
          context.report({
            message: accepted ? "accepted" : isUnfinished ? "unfinished" : "refused",
            data: { ...data, session: sessionName(session) },
            ...common,
          });
        },
      },
    };
  },
});
