import { succeeded } from "../answer.js";
import { plural, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";

export const cmpImageWithoutKho = defineRule({
  id: "cmp-image-without-kho",
  family: "completeness",
  severity: "error",
  profiles: ALL_PROFILES,
  summary:
    "The next kernel can receive what is handed over: its image carries KHO, and it reads it.",
  sources: [
    "kho_fill_kimage, kernel/kexec_file.c (v7.3.4): only kexec_file_load attaches KHO data",
    "Documentation/core-api/kho (v7.3.4)",
  ],
  messages: {
    oldLoad:
      "the image was loaded with kexec_load, which carries no KHO data: {lost} will not arrive",
    khoOff: "the next kernel runs without KHO: {lost} did not arrive",
  },

  create(context) {
    let loaded: { how: string; seq: number } | undefined;

    function report(
      message: "oldLoad" | "khoOff",
      sessions: readonly SessionView[],
      seq: number,
      witness: readonly (number | undefined)[],
    ): void {
      const objects = sessions.map(sessionName);
      context.report({
        message,
        seq,
        objects,
        witness,
        data: { lost: plural(sessions.length, "session") },
      });
    }

    return {
      on: {
        serialized({ sessions }, step) {
          if (sessions.length === 0 || loaded?.how !== "kexec_load") return;
          report("oldLoad", sessions, step.event.seq, [loaded.seq]);
        },
        kernel_booted({ how, epoch, lost }, step) {
          const { event } = step;
          const off = event.type === "boot" && event.kho === false;
          const sent = lost.filter((session) => session.created_epoch === epoch - 1);
          const explained = loaded?.how === "kexec_load";
          if (how === "kexec" && off && sent.length > 0 && !explained) {
            const sources = sent.map((session) => session.created_seq);
            report("khoOff", sent, event.seq, sources);
          }
          loaded = undefined;
        },
      },
      event: {
        kexec_load(event, step) {
          if (succeeded(step)) loaded = { how: event.how, seq: event.seq };
        },
      },
    };
  },
});
