import { refusal } from "../answer.js";
import { plural, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";
import type { MachineView } from "../view.js";

/** Long enough for another try. */
const PATIENCE_NS = 300_000_000_000;

interface Failed {
  readonly seq: number;
  readonly ts: number | undefined;
  readonly errno: string;
}

export const sesFreezeFailureIgnored = defineRule({
  id: "ses-freeze-failure-ignored",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "After a kexec that failed it is tried again, or the sessions are closed.",
  sources: ["luo_file_freeze, kernel/liveupdate/luo_file.c (v7.3.4): what was frozen is undone"],
  messages: {
    resumed: "the VM resumed after the kexec had failed with {errno}, with {sessions} still open",
    waiting: "nothing followed the kexec that failed with {errno}: {sessions} still open",
  },

  create(context) {
    let failed: Failed | undefined;

    function report(message: "resumed" | "waiting", view: MachineView, seq: number): void {
      const open = [...view.liveUpdate.outgoing.values()].filter(
        (session: SessionView) =>
          session.files.size > 0 && session.created_seq < (failed?.seq ?? 0),
      );
      if (failed === undefined || open.length === 0) return;
      const { errno, seq: failure } = failed;
      failed = undefined;
      context.report({
        message,
        seq,
        objects: open.map(sessionName),
        witness: [failure],
        cause: failure,
        data: { errno, sessions: plural(open.length, "session") },
      });
    }

    return {
      on: {
        kernel_booted() {
          failed = undefined;
        },
      },
      event: {
        reboot(event, step) {
          if (event.cmd !== "kexec") return;
          const errno = refusal(step);
          failed = errno === undefined ? undefined : { seq: event.seq, ts: event.ts, errno };
        },
        marker(event, _step, view) {
          if (event.what === "vcpus_resumed") report("resumed", view, event.seq);
        },
      },
      finish(_end, view, last) {
        if (failed?.ts === undefined || (last.ts ?? 0) - failed.ts <= PATIENCE_NS) return;
        report("waiting", view, last.seq);
      },
    };
  },
});
