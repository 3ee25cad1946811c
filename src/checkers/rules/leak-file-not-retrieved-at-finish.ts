import { Disposable } from "../disposable.js";
import { sessionFileName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { actorOf, tokensText } from "../subjects.js";

export const leakFileNotRetrievedAtFinish = defineRule({
  id: "leak-file-not-retrieved-at-finish",
  family: "leak",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "When a session is finished, each of its files was retrieved.",
  sources: ["memfd_luo_finish, mm/memfd_luo.c (v7.3.4): the pages of the others are freed"],
  messages: {
    explicit: "FINISH of {session} throws away what was never retrieved: {tokens}",
    implicit: "the last close of {session} throws away what was never retrieved: {tokens}",
  },

  create(context) {
    const disposable = new Disposable(context.header);
    return {
      on: {
        session_finished({ session, how, discarded: all }, step, view) {
          const discarded = all.filter((luoFile) => !disposable.hasFile(luoFile));
          if (discarded.length === 0 || actorOf(step, view)?.role === "reaper") return;
          const name = sessionName(session);
          const tokens = discarded.map(({ token }) => token).sort((a, b) => (a < b ? -1 : 1));
          context.report({
            message: how,
            seq: step.event.seq,
            objects: [name],
            witness: discarded.map(({ preserved_seq }) => preserved_seq),
            about: tokens.map((token) => sessionFileName(session, token)),
            data: { session: name, tokens: tokensText(tokens) },
          });
        },
      },
    };
  },
});
