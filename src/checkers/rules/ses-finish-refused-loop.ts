import { refusedWith } from "../answer.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type SessionView, sessionAt } from "../subjects.js";

/** From this many refusals on it is a loop. */
const REFUSALS = 3;

export const sesFinishRefusedLoop = defineRule({
  id: "ses-finish-refused-loop",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A FINISH that was refused is repeated only after something changed.",
  sources: ["luo_file_can_finish_one, kernel/liveupdate/luo_file.c (v7.3.4)"],
  messages: {
    loop: "FINISH of {session} was refused {count} times, and nothing it waits for changed",
  },

  create(context) {
    /** Seqs of the refusals since something last changed. */
    const refused = new Map<SessionView, number[]>();
    const changed = () => refused.clear();
    return {
      on: {
        file_retrieved: changed,
        domain_claimed: changed,
        domain_replaced: changed,
        domain_released: changed,
        domain_destroyed: changed,
        device_bound: changed,
        device_unbound: changed,
        device_attached: changed,
        device_detached: changed,
        object_destroyed: changed,
        context_destroyed: changed,
        kernel_booted: changed,
      },
      ioctl: {
        LIVEUPDATE_SESSION_FINISH(event, step, view) {
          const session = sessionAt(view, event);
          if (session === undefined || !refusedWith(step, "EBUSY")) return;
          const seqs = refused.get(session) ?? [];
          refused.set(session, seqs);
          seqs.push(event.seq);
          if (seqs.length < REFUSALS) return;
          context.report({
            message: "loop",
            seq: event.seq,
            objects: [sessionName(session)],
            witness: seqs,
            data: { session: sessionName(session), count: REFUSALS },
          });
        },
      },
    };
  },
});
