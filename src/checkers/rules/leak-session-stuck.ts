import { sessionName, tokenName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileText, type LuoFileView } from "../subjects.js";

export const leakSessionStuck = defineRule({
  id: "leak-session-stuck",
  family: "leak",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "The last descriptor of a session is closed only when the session can finish.",
  sources: ["luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    stuck: "{session} is stuck until a kexec: at its last close {object} could not finish, {why}",
  },

  create(context) {
    return {
      on: {
        session_stuck({ session, refused_by }, step) {
          const name = sessionName(session);
          const object = tokenName(refused_by.token);
          context.report({
            message: "stuck",
            seq: step.event.seq,
            objects: [name],
            witness: [refused_by.retrieved_seq],
            data: { session: name, object, why: whyUnfinished(refused_by) },
          });
        },
      },
    };
  },
});

function whyUnfinished({ state, retrieve_errno, source }: LuoFileView): string {
  const file = fileText(source);
  if (state === "waiting") return `because ${file} was never retrieved`;
  if (state === "failed") return `because the retrieve of ${file} failed with ${retrieve_errno}`;
  return `although ${file} was retrieved`;
}
