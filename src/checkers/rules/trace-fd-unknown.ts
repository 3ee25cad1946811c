import type { Event } from "../../engine/event/index.js";
import { refusedWith } from "../answer.js";
import { LastKernel } from "../last-kernel.js";
import { fdName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { untoldDescriptor } from "../untold.js";
import type { MachineView, StepView } from "../view.js";

export const traceFdUnknown = defineRule({
  id: "trace-fd-unknown",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A descriptor is used only after the trace showed where it comes from.",
  sources: ["requirement of the analysis: without its origin an object has no identity"],
  messages: {
    unknown: "{op} uses descriptor {fd} of pid {pid}, which nothing before has opened",
  },

  create(context) {
    // What was open in the kernel before is trace-fd-survives-kexec.
    const last = new LastKernel();

    function report(event: Event & { pid: number }, fd: number, step: StepView) {
      // The kernel did not know it either: the program's mistake, not the recorder's.
      if (fd < 0 || refusedWith(step, "EBADF") || last.had(event.pid, fd)) return;
      context.report({
        message: "unknown",
        seq: event.seq,
        objects: [fdName(event.pid, fd)],
        data: { op: event.type === "ioctl" ? event.op : event.type, fd, pid: event.pid },
      });
    }

    function look(event: Event & { pid: number; fd: number }, step: StepView, view: MachineView) {
      const { pid, fd } = event;
      if (view.processes.get(pid)?.fds.get(fd) === undefined) report(event, fd, step);
    }

    return {
      on: { process_exited: last.exited, kernel_booted: last.booted },
      event: { ftruncate: look, fallocate: look },
      refused_any(event, step, view) {
        // The model refuses a call on a descriptor it does not know.
        if (step.outcome.errno !== "EBADF") return;
        const fd = untoldDescriptor(event, view);
        if (fd !== undefined) report(event, fd, step);
      },
    };
  },
});
