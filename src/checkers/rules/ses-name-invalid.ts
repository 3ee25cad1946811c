import type { IoctlEvent } from "../../engine/event/index.js";
import { refusal, succeeded } from "../answer.js";
import { sessionName, sessionNamed } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { MachineView, StepView } from "../view.js";

export const sesNameInvalid = defineRule({
  id: "ses-name-invalid",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A session's name has 1 to 63 bytes and is new among the sessions of its kernel.",
  sources: ["luo_session_create, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    refusedEmpty: "a session without a name was refused",
    refusedLong: "a session name of 64 bytes without an end was refused",
    refusedTaken: "{session} exists already; the second one was refused",
    acceptedEmpty: { text: "the kernel made a session without a name", severity: "error" },
    acceptedLong: { text: "the kernel took a session name without an end", severity: "error" },
    acceptedTaken: { text: "the kernel made a second {session}", severity: "error" },
  },

  create(context) {
    function report(event: IoctlEvent, step: StepView, view: MachineView): void {
      const raw = event.in?.["name"];
      if (typeof raw !== "string") return;
      const end = raw.indexOf("\0");
      const errno = refusal(step);
      const accepted = errno === undefined && succeeded(step);
      if (end <= 0) {
        if (!accepted && errno !== "EINVAL") return;
        const what = end === 0 ? "Empty" : "Long";
        const objects = [sessionNamed(raw)];
        const message = `${accepted ? "accepted" : "refused"}${what}` as const;
        context.report({ message, seq: event.seq, objects });
        return;
      }
      if (!accepted && errno !== "EEXIST") return;
      const known = view.liveUpdate.outgoing.get(raw.slice(0, end));
      // A name that was free before the call belongs to the session the call has just made.
      if (known === undefined || known.created_seq === event.seq) return;
      const session = sessionName(known);
      context.report({
        message: accepted ? "acceptedTaken" : "refusedTaken",
        seq: event.seq,
        objects: [session],
        witness: [known.created_seq],
        data: { session },
      });
    }
    return { ioctl: { LIVEUPDATE_IOCTL_CREATE_SESSION: report } };
  },
});
