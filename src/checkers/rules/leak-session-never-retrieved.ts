import { Disposable } from "../disposable.js";
import { plural, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";

/** A session that nobody asked for in this time is probably forgotten. */
const PATIENCE_NS = 300_000_000_000;

export const leakSessionNeverRetrieved = defineRule({
  id: "leak-session-never-retrieved",
  family: "leak",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Every session that arrives is retrieved in the kernel it arrives in.",
  sources: [
    "luo_session_deserialize, kernel/liveupdate/luo_session.c (v7.3.4): nothing is carried on",
    "the seed mail, A2: the kernel does not clean up by itself",
  ],
  messages: {
    atEnd: "{session} ({files}) arrived and was never retrieved",
    atKexec: "{session} ({files}) was not retrieved before the next kexec; it is lost",
    late: {
      text: "{session} ({files}) waits since its kernel booted and was not retrieved in time",
      severity: "warning",
    },
    unfinished: {
      text: "the trace ends before {session} ({files}) was retrieved",
      severity: "info",
    },
    empty: { text: "{session}, which has no files, was never retrieved", severity: "info" },
  },

  create(context) {
    const disposable = new Disposable(context.header);
    let bootSeq: number | undefined;
    let bootTs: number | undefined;
    let bootComplete = false;
    /** Seq of the serialization that this kernel does not come back from. */
    let serialized: number | undefined;
    /** Seq of the last such marker: it counts when it ends the trace. */
    let cleanEnd: number | undefined;

    function report(
      message: "atEnd" | "atKexec" | "late" | "unfinished",
      session: SessionView,
      seq: number,
    ): void {
      if (disposable.hasSession(session)) return;
      const name = sessionName(session);
      const common = { seq, objects: [name], witness: [bootSeq], cause: bootSeq ?? 0 };
      const files = session.files.size;
      if (files === 0) context.report({ message: "empty", data: { session: name }, ...common });
      else
        context.report({
          message,
          data: { session: name, files: plural(files, "file") },
          ...common,
        });
    }

    return {
      on: {
        serialized(_, step) {
          serialized = step.event.seq;
        },
        kernel_booted({ how, epoch, lost }, step) {
          // After a cold start or a crash nobody could have expected anything.
          if (how === "kexec") {
            for (const session of lost) {
              const waited = session.created_epoch < epoch - 1 && !session.retrieved;
              if (waited) report("atKexec", session, step.event.seq);
            }
          }
          serialized = undefined;
          bootSeq = step.event.seq;
          bootTs = step.event.ts;
          bootComplete = false;
        },
      },
      event: {
        marker(event) {
          if (event.what === "boot_complete") bootComplete = true;
          if (event.what === "clean_end") cleanEnd = event.seq;
        },
      },
      finish(_end, view, last) {
        const waited_ns = (last.ts ?? 0) - (bootTs ?? last.ts ?? 0);
        const late = bootComplete || waited_ns > PATIENCE_NS;
        for (const session of view.liveUpdate.incoming.values()) {
          if (session.state !== "in_wait") continue;
          // The recording ends in the blackout.
          if (serialized !== undefined) report("atKexec", session, serialized);
          else
            report(
              cleanEnd === last.seq ? "atEnd" : late ? "late" : "unfinished",
              session,
              last.seq,
            );
        }
      },
    };
  },
});
