import { refusedWith } from "../answer.js";
import { LastKernel } from "../last-kernel.js";
import { fdName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { untoldDescriptor } from "../untold.js";

export const traceFdSurvivesKexec = defineRule({
  id: "trace-fd-survives-kexec",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Processes and descriptors end with their kernel; only names, tokens and memory cross.",
  sources: ["liveupdate (v7.3.4): sessions cross by name, files by token, nothing else"],
  messages: {
    survived: "{op} uses descriptor {fd} of pid {pid}, which was opened in the kernel before",
  },

  create(context) {
    const last = new LastKernel();
    return {
      on: { process_exited: last.exited, kernel_booted: last.booted },
      refused_any(event, step, view) {
        // The model refuses a call on a descriptor it does not know.
        if (last.isEmpty || step.outcome.errno !== "EBADF" || refusedWith(step, "EBADF")) return;
        const { pid } = event;
        const fd = untoldDescriptor(event, view);
        if (fd === undefined || !last.had(pid, fd)) return;
        context.report({
          message: "survived",
          seq: event.seq,
          objects: [fdName(pid, fd)],
          witness: [last.boot_seq],
          data: { op: event.op, fd, pid },
        });
      },
    };
  },
});
