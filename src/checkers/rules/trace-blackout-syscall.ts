import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileAt } from "../subjects.js";
import type { MachineView } from "../view.js";

export const traceBlackoutSyscall = defineRule({
  id: "trace-blackout-syscall",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Between serialization and jump no call on live update comes back.",
  sources: ["luo_session_ioctl, kernel/liveupdate/luo_session.c (v7.3.4): every one waits"],
  messages: {
    returned: "{call} came back after everything was written down at event {serialized}",
  },

  create(context) {
    let serialized: number | undefined;

    function report(seq: number, call: string): void {
      if (serialized === undefined) return;
      context.report({
        message: "returned",
        seq,
        objects: [plainName("call", call)],
        witness: [serialized],
        data: { call, serialized },
      });
    }

    function isLiveUpdate(view: MachineView, pid: number, fd: number): boolean {
      const kind = fileAt(view, pid, fd)?.object.kind;
      return kind === "luo_session" || kind === "luo_device";
    }

    return {
      on: {
        serialized(_, step) {
          if (step.event.type !== "boot") serialized = step.event.seq;
        },
        kernel_booted() {
          serialized = undefined;
        },
      },
      ioctl: {
        // Calls that change sessions are ses-ioctl-after-freeze.
        LIVEUPDATE_SESSION_GET_NAME(event, _step, view) {
          if (event.ret === undefined || !isLiveUpdate(view, event.pid, event.fd)) return;
          report(event.seq, event.op);
        },
      },
    };
  },
});
