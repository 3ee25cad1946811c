import type { Errno } from "../../engine/errno.js";
import { refusal, succeeded } from "../answer.js";
import { sessionFileName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { sessionAt, u64Field } from "../subjects.js";

/** Answers of checks before the file is looked at: they say nothing about the file. */
const NOT_STICKY: ReadonlySet<Errno> = new Set(["EMFILE", "ENFILE", "EFAULT", "E2BIG", "ENOTTY"]);

export const sesRetryFailedRetrieve = defineRule({
  id: "ses-retry-failed-retrieve",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A RETRIEVE_FD that failed is not tried again: its answer never changes.",
  sources: [
    "luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4): retrieve_status is kept",
    "memfd_luo_retrieve, mm/memfd_luo.c (v7.3.4): the error path frees the contents",
  ],
  messages: {
    repeated: "{object} failed with {errno} before and does so for ever",
    changed: {
      text: "{object} failed with {errno} before, now the kernel answers {now}",
      severity: "error",
    },
  },

  create(context) {
    /** First failure of each file, until its session is gone. */
    const failed = new WeakMap<object, { seq: number; errno: Errno }>();
    return {
      ioctl: {
        LIVEUPDATE_SESSION_RETRIEVE_FD(event, step, view) {
          const session = sessionAt(view, event);
          const token = u64Field(event, "token");
          const luoFile = session?.files.get(token);
          if (session === undefined || session.isOutgoing || luoFile === undefined) return;
          const errno = refusal(step);
          const first = failed.get(luoFile);
          if (first === undefined) {
            // The struct itself may have been refused; that leaves the file untouched.
            const own = step.outcome.errno === undefined || step.outcome.errno === errno;
            const sticky = errno !== undefined && !NOT_STICKY.has(errno) && own;
            if (sticky && couldFail(step.transitions, errno)) {
              failed.set(luoFile, { seq: event.seq, errno });
            }
            return;
          }
          if (errno !== undefined && NOT_STICKY.has(errno)) return;
          const object = sessionFileName(session, token);
          const about = [sessionName(session)];
          const common = { seq: event.seq, objects: [object], about, witness: [first.seq] };
          if (errno === first.errno) {
            context.report({ message: "repeated", data: { object, errno }, ...common });
          } else if (succeeded(step) || errno !== undefined) {
            const data = { object, errno: first.errno, now: errno ?? "success" };
            context.report({ message: "changed", data, ...common });
          }
        },
      },
    };
  },
});

/** EINVAL is the handler's own answer only where the model saw the retrieve fail. */
function couldFail(transitions: readonly { kind: string }[], errno: Errno): boolean {
  return errno !== "EINVAL" || transitions.some(({ kind }) => kind === "retrieve_failed");
}
