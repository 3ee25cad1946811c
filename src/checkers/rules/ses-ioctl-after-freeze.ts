import type { Event, IoctlEvent } from "../../engine/event/index.js";
import { plainName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { fileAt, objectOf } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

/** Calls that take the lock which the serialization keeps. */
const LOCKING = [
  "LIVEUPDATE_IOCTL_CREATE_SESSION",
  "LIVEUPDATE_IOCTL_RETRIEVE_SESSION",
  "LIVEUPDATE_SESSION_PRESERVE_FD",
  "LIVEUPDATE_SESSION_RETRIEVE_FD",
  "LIVEUPDATE_SESSION_FINISH",
] as const;

export const sesIoctlAfterFreeze = defineRule({
  id: "ses-ioctl-after-freeze",
  family: "session",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Once the sessions are written down, no call changes them any more.",
  sources: ["luo_session_serialize, kernel/liveupdate/luo_session.c (v7.3.4) keeps the lock"],
  messages: {
    completed: "{call} came back although everything was written down at event {serialized}",
  },

  create(context) {
    let serialized: { readonly seq: number; readonly ts: number | undefined } | undefined;

    function report(event: Event & { ret?: number | undefined }, call: string, name: string): void {
      if (serialized === undefined || event.ret === undefined) return;
      // It had begun before: the recorder saw it end, the lock did not hold it.
      if (event.ts_end !== undefined && (event.ts ?? 0) < (serialized.ts ?? 0)) return;
      context.report({
        message: "completed",
        seq: event.seq,
        objects: [plainName("subject", name)],
        witness: [serialized.seq],
        data: { call, serialized: serialized.seq },
      });
    }

    function look(event: IoctlEvent, _step: StepView, view: MachineView): void {
      if (serialized === undefined) return;
      const file = fileAt(view, event.pid, event.fd);
      const session = objectOf(file, "luo_session");
      if (session === undefined && file?.object.kind !== "luo_device") return;
      const name = session === undefined ? "/dev/liveupdate" : sessionName(session).shown;
      report(event, event.op, name);
    }

    return {
      // A routine close is of a file that the model does not look into.
      routine: { close: NOTHING_TO_SAY },
      on: {
        serialized(_, step) {
          const { seq, ts, type } = step.event;
          if (type !== "boot") serialized = { seq, ts };
        },
        kernel_booted() {
          serialized = undefined;
        },
        fd_closed({ file }, step) {
          if (serialized === undefined || step.event.type !== "close") return;
          const session = objectOf(file, "luo_session");
          // Only the last close waits for the lock.
          if (session === undefined || file.references > 0) return;
          report(step.event, "close", sessionName(session).shown);
        },
      },
      ioctl: Object.fromEntries(LOCKING.map((op) => [op, look])),
    };
  },
});
