import type { Event } from "../../engine/event/index.js";
import { acceptedAgainst } from "../answer.js";
import { livedText, sessionFileName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { memfdAt, preservedMemfd } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const immMemfdSizeChangedWhilePreserved = defineRule({
  id: "imm-memfd-size-changed-while-preserved",
  family: "immutability",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "The size and the pages of a memfd stay as they are while a session preserves it.",
  sources: ["SHMEM_F_MAPPING_FROZEN, mm/shmem.c (v7.3.4): truncate, fallocate and growing writes"],
  messages: {
    changed: "{call} took effect on {memfd}, which is preserved as {object}",
  },

  create(context) {
    function look(
      event: Event & { pid: number; fd: number },
      step: StepView,
      view: MachineView,
    ): void {
      if (!acceptedAgainst(step, "EPERM")) return;
      const memfd = memfdAt(view, event);
      const luoFile = memfd === undefined ? undefined : preservedMemfd(view, memfd);
      if (memfd === undefined || luoFile === undefined) return;
      const object = sessionFileName(luoFile.session, luoFile.token);
      context.report({
        message: "changed",
        seq: event.seq,
        objects: [object],
        witness: [luoFile.preserved_seq],
        data: { call: event.type, memfd: livedText(memfd), object },
      });
    }
    return { event: { ftruncate: look, fallocate: look, write: look, pwrite: look } };
  },
});
