import { plural, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";

export const cmpNextKernelCannotAccept = defineRule({
  id: "cmp-next-kernel-cannot-accept",
  family: "completeness",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "The next kernel speaks the live update of the one before and knows all its files.",
  sources: [
    "kernel/liveupdate/luo_core.c (v7.3.4): another ABI is a panic",
    "luo_file_deserialize_one, kernel/liveupdate/luo_file.c (v7.3.4): EIO without a handler",
  ],
  messages: {
    off: "the next kernel runs without live update: {sessions} cannot be fetched",
    abi: "the next kernel's live update has another ABI: its panic loses {sessions}",
    handler: "the next kernel has no handler for {compatible}: {sessions} cannot be fetched",
  },

  create(context) {
    return {
      on: {
        kernel_booted({ epoch, arrived, lost }, step) {
          const { event } = step;
          if (event.type !== "boot") return;
          const sent = [...arrived, ...lost].filter((s) => s.created_epoch === epoch - 1);
          if (sent.length === 0 || event.kind !== "kexec") return;
          const common = { seq: event.seq, objects: sent.map(sessionName) };
          const sessions = plural(sent.length, "session");
          const witness = sent.map(({ created_seq }) => created_seq);
          if (event.luo_abi_matches === false) {
            context.report({ message: "abi", data: { sessions }, witness, ...common });
          } else if (event.liveupdate === false) {
            context.report({ message: "off", data: { sessions }, witness, ...common });
          }
          for (const compatible of event.missing_handlers ?? []) {
            if (!sent.some((session) => needs(session, compatible))) continue;
            const data = { sessions, compatible };
            context.report({ message: "handler", data, witness, cause: compatible, ...common });
          }
        },
      },
    };
  },
});

function needs(session: SessionView, compatible: string): boolean {
  for (const { handler } of session.files.values()) {
    if (handler.compatible === compatible) return true;
  }
  return false;
}
