import { refusedWith } from "../answer.js";
import { hex, sessionFileName } from "../names.js";
import { PausedVcpus } from "../paused-vcpus.js";
import { defineRule } from "../rule.js";
import { fileAt, luoFileOf } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const immGuestMemfdFault = defineRule({
  id: "imm-guest-memfd-fault-while-frozen",
  family: "immutability",
  severity: "warning",
  profiles: ["p2"],
  summary:
    "While its guest_memfd is preserved, a guest that runs touches no page for the first time.",
  sources: [
    "KVM guest_memfd preservation, RFC v2 (2026-06-05), PATCH 06/10: EPERM, and the vCPU exits",
  ],
  messages: {
    fault: "the guest needs a new page of {object} at {offset}, which is preserved: its vCPU exits",
    fallocate: "fallocate of {object} at {offset} is refused while the guest runs: it is preserved",
  },

  create(context) {
    const paused = new PausedVcpus();

    function look(
      message: "fault" | "fallocate",
      event: { readonly pid: number; readonly fd: number; readonly seq: number; offset: bigint },
      step: StepView,
      view: MachineView,
    ): void {
      if (!refusedWith(step, "EPERM") || paused.has(event.pid)) return;
      const file = fileAt(view, event.pid, event.fd);
      const luoFile = file?.object.kind === "guest_memfd" ? luoFileOf(view, file) : undefined;
      if (luoFile?.session.isOutgoing !== true) return;
      const object = sessionFileName(luoFile.session, luoFile.token);
      context.report({
        message,
        seq: event.seq,
        objects: [object],
        witness: [luoFile.preserved_seq],
        data: { object, offset: hex(event.offset) },
      });
    }

    return {
      on: { kernel_booted: paused.booted },
      event: {
        marker: paused.mark,
        guest_memfd_fault: (event, step, view) => look("fault", event, step, view),
        fallocate: (event, step, view) => look("fallocate", event, step, view),
      },
    };
  },
});
