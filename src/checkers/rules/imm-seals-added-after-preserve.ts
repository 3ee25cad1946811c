import { livedText, sessionFileName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { sealNames } from "../seals.js";
import { preservedMemfd } from "../subjects.js";

export const immSealsAddedAfterPreserve = defineRule({
  id: "imm-seals-added-after-preserve",
  family: "immutability",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A memfd gets its seals before it is preserved: later ones are lost.",
  sources: ["memfd_luo_preserve and memfd_luo_freeze, mm/memfd_luo.c (v7.3.4)"],
  messages: {
    lost: "{seals} on {memfd} does not cross the kexec: it is preserved already as {object}",
  },

  create(context) {
    return {
      on: {
        memfd_sealed({ memfd, old_seals, new_seals }, step, view) {
          const luoFile = preservedMemfd(view, memfd);
          if (luoFile === undefined) return;
          const object = sessionFileName(luoFile.session, luoFile.token);
          context.report({
            message: "lost",
            seq: step.event.seq,
            objects: [object],
            witness: [luoFile.preserved_seq],
            data: { seals: sealNames(new_seals & ~old_seals), memfd: livedText(memfd), object },
          });
        },
      },
    };
  },
});
