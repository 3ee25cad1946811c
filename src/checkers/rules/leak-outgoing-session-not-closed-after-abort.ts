import { refusal } from "../answer.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";

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
    late: "{session} held its files until long after the update was given up at event {abort}",
  },

  create(context) {
    let abort: { readonly seq: number; readonly ts: number | undefined } | undefined;

    function report(message: "open" | "late", session: SessionView, seq: number, ts = 0): void {
      if (abort?.ts === undefined || ts - abort.ts <= PATIENCE_NS) return;
      if (session.created_seq > abort.seq) return;
      context.report({
        message,
        seq,
        objects: [sessionName(session)],
        witness: [session.created_seq, abort.seq],
        data: { session: sessionName(session), abort: abort.seq },
      });
    }

    return {
      on: {
        file_unpreserved({ session }, { event }) {
          report("late", session, event.seq, event.ts);
        },
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
        for (const session of view.liveUpdate.outgoing.values()) {
          if (session.files.size > 0) report("open", session, last.seq, last.ts);
        }
      },
    };
  },
});
