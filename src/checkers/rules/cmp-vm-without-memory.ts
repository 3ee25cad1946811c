import { Disposable } from "../disposable.js";
import { type ObjectName, plainName, printable, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type FileView, fileAt, fileName, type SessionView } from "../subjects.js";

/** A file that was said to be the memory of a VM. */
interface Memory {
  readonly vm: string;
  readonly session: string;
  readonly file: FileView;
  readonly seq: number;
}

export const cmpVmWithoutMemory = defineRule({
  id: "cmp-vm-without-memory",
  family: "completeness",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "When the session of a VM crosses, all memory of its guest is preserved.",
  sources: ["mm/memfd_luo.c (v7.3.4): memory that is in no session is free in the next kernel"],
  messages: {
    missing: "{session} crosses, but {file}, the memory of {vm}, is in no session: {vm} is lost",
  },

  create(context) {
    const disposable = new Disposable(context.header);
    /** The memory of this kernel's guests, by the object behind the file. */
    const memory = new Map<object, Memory>();

    return {
      routine: { close: () => memory.size === 0 },
      on: {
        // Memory that was closed was unplugged; a VMM that ended did not decide anything.
        file_released({ file }, step) {
          if (memory.size === 0) return;
          if (step.transitions.some(({ kind }) => kind === "process_exited")) return;
          if (memory.get(file.object)?.file === file) memory.delete(file.object);
        },
        serialized({ sessions }, step) {
          if (memory.size === 0) return;
          const preserved = new Set<object>();
          for (const { files } of sessions) {
            for (const { source } of files.values()) preserved.add(source.object);
          }
          for (const [object, { vm, session: name, file, seq }] of memory) {
            const session = sessions.find((candidate) => candidate.name === name);
            if (session === undefined || preserved.has(object)) continue;
            if (disposable.hasMemory(file)) continue;
            report(session, vm, file, [session.created_seq, seq], step.event.seq);
          }
        },
        kernel_booted() {
          memory.clear();
        },
      },
      event: {
        guest_memory({ pid, fd, vm, session = vm, seq }, _step, view) {
          const file = fileAt(view, pid, fd);
          if (file !== undefined) memory.set(file.object, { vm, session, file, seq });
        },
      },
    };

    function report(
      session: SessionView,
      vm: string,
      file: FileView,
      witness: readonly number[],
      seq: number,
    ): void {
      const name: ObjectName = { ...plainName("vm", vm), shown: `VM "${printable(vm)}"` };
      const memory_name = fileName(file);
      context.report({
        message: "missing",
        seq,
        objects: [sessionName(session), memory_name],
        witness,
        data: { session: sessionName(session), file: memory_name, vm: name },
      });
    }
  },
});
