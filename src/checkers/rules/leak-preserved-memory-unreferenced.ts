import { Disposable } from "../disposable.js";
import { type ObjectName, sessionFileName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import type { LuoFileView, SessionView } from "../subjects.js";

/** Files whose pages stay reserved until somebody takes them or gives them back. */
const MEMORY: ReadonlySet<string> = new Set(["memfd", "guest_memfd"]);

export const leakPreservedMemory = defineRule({
  id: "leak-preserved-memory-unreferenced",
  family: "leak",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "Memory that arrives is retrieved or given back: nothing else ends its reservation.",
  sources: [
    "kernel/liveupdate/kexec_handover.c (v7.3.4): what is never restored stays reserved",
    "memfd_luo_finish, mm/memfd_luo.c (v7.3.4): FINISH gives back what was not retrieved",
  ],
  messages: {
    open: "the memory of {object} was neither retrieved nor given back by FINISH",
    stuck: "the memory of {object} was not retrieved, and its session is stuck",
    unreachable: "the memory of {object} arrived in a kernel that cannot hand it out",
  },

  create(context) {
    const disposable = new Disposable(context.header);
    /** Sessions that this kernel cannot see, though their memory is reserved. */
    let unseen: readonly SessionView[] = [];
    let bootSeq: number | undefined;
    /** Seq of the last such marker: it counts when it ends the trace. */
    let cleanEnd: number | undefined;

    function report(
      message: "open" | "stuck" | "unreachable",
      session: SessionView,
      luoFile: LuoFileView,
      seq: number,
    ): void {
      const { token, source, preserved_seq } = luoFile;
      if (!MEMORY.has(source.object.kind) || disposable.hasFile(luoFile)) return;
      const object: ObjectName = sessionFileName(session, token);
      context.report({
        message,
        seq,
        objects: [object],
        about: [sessionName(session)],
        witness: [preserved_seq, bootSeq],
        data: { object },
      });
    }

    return {
      on: {
        kernel_booted({ how, lost }, { event }) {
          bootSeq = event.seq;
          // Without KHO in the next kernel the memory is not even reserved.
          const reserved = how === "kexec" && event.type === "boot" && event.kho !== false;
          unseen = reserved ? lost.filter(({ state }) => state === "unreachable") : [];
        },
      },
      event: {
        marker(event) {
          if (event.what === "clean_end") cleanEnd = event.seq;
        },
      },
      finish(_end, view, last) {
        if (cleanEnd !== last.seq) return;
        for (const session of [...unseen, ...view.liveUpdate.incoming.values()]) {
          const how = STATES[session.state];
          // A session that nobody asked for is leak-session-never-retrieved.
          if (how === undefined) continue;
          for (const luoFile of session.files.values()) {
            const idle = luoFile.state === "waiting" || luoFile.state === "lost";
            if (idle) report(how, session, luoFile, last.seq);
          }
        }
      },
    };
  },
});

const STATES: Readonly<Record<string, "open" | "stuck" | "unreachable">> = {
  in_open: "open",
  in_stuck: "stuck",
  unreachable: "unreachable",
};
