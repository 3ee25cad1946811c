import { sessionFileName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { FileView, LuoFileView } from "../subjects.js";

/** A file that came out of a session more than once. */
interface Retrieved {
  readonly file: FileView;
  readonly seqs: number[];
}

export const leakDeadToken = defineRule({
  id: "leak-dead-token",
  family: "leak",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "After FINISH one process holds what a token stood for.",
  sources: ["luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4)"],
  messages: {
    shared: "{object} is open in {count} processes at FINISH: it lives until all of them close it",
  },

  create(context) {
    const retrieved = new Map<LuoFileView, Retrieved>();
    return {
      on: {
        file_retrieved({ luo_file, file }, step) {
          const known = retrieved.get(luo_file) ?? { file, seqs: [] };
          retrieved.set(luo_file, known);
          known.seqs.push(step.event.seq);
        },
        session_finished({ session, how, files }, step, view) {
          for (const luoFile of files) {
            const known = retrieved.get(luoFile);
            retrieved.delete(luoFile);
            if (known === undefined || known.seqs.length < 2 || how === "implicit") continue;
            let count = 0;
            for (const process of view.processes.values()) {
              if (process.fds.entries().some(([, { file }]) => file === known.file)) count++;
            }
            if (count < 2) continue;
            const object = sessionFileName(session, luoFile.token);
            context.report({
              message: "shared",
              seq: step.event.seq,
              objects: [object],
              witness: known.seqs,
              data: { object, count },
            });
          }
        },
        kernel_booted() {
          retrieved.clear();
        },
      },
    };
  },
});
