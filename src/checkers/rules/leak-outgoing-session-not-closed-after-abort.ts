import { refusal } from "../answer.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";

/** Long enough for another try. */
const PATIENCE_NS = 300_000_000_000;

export const leakOutgoingSession = defineRule({
  id: "leak-outgoing-session-not-closed-after-abort",
  family: "leak",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "When an update is given up, its sessions are closed.",
  sources: ["kernel/liveupdate/luo_session.c (v7.3.4): only the last close takes files out"],
  messages: {
    open: "{session} still holds its files long after the update was given up at event {abort}",
  },

  create(context) {
    let abort: { readonly seq: number; readonly ts: number | undefined } | undefined;
    return {
      on: {
        serialized() {
          abort = undefined;
        },
        kernel_booted() {
          abort = undefined;
        },
      },
      event: {
        marker(event) {
          if (event.what === "cancel") abort = { seq: event.seq, ts: event.ts };
        },
        reboot(event, step) {
          const { seq, ts } = event;
          if (event.cmd === "kexec") abort = refusal(step) === undefined ? undefined : { seq, ts };
        },
      },
      finish(_end, view, last) {
        if (abort?.ts === undefined || (last.ts ?? 0) - abort.ts <= PATIENCE_NS) return;
        for (const session of view.liveUpdate.outgoing.values()) {
          if (session.files.size === 0 || session.created_seq > abort.seq) continue;
          context.report({
            message: "open",
            seq: last.seq,
            objects: [sessionName(session)],
            witness: [session.created_seq, abort.seq],
            data: { session: sessionName(session), abort: abort.seq },
          });
        }
      },
    };
  },
});
