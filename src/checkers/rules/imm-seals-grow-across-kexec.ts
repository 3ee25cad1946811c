import type { PreservedMemfd } from "../../engine/liveupdate/memfd-handler.js";
import { F_SEAL_EXEC, F_SEAL_EXEC_IMPLIES, F_SEAL_WRITE } from "../../engine/memory/memfd.js";
import { sessionFileName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { sealNames } from "../seals.js";
import type { View } from "../view.js";

export const immSealsGrow = defineRule({
  id: "imm-seals-grow-across-kexec",
  family: "immutability",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A memfd that is to be written after the kexec crosses without F_SEAL_EXEC.",
  sources: [
    "memfd_luo_retrieve, mm/memfd_luo.c, and memfd_add_seals, mm/memfd.c (v7.3.4)",
    "observed on v7.3.4: seals 0x20 come back as 0x3e",
  ],
  messages: {
    grows: "{object} crosses with {seals}: it comes back with {added} too, nobody can write it",
  },

  create(context) {
    return {
      on: {
        serialized({ sessions }, step) {
          for (const session of sessions) {
            for (const { token, source, record, preserved_seq } of session.files.values()) {
              if (source.object.kind !== "memfd") continue;
              const { seals } = record as View<PreservedMemfd>;
              // What is sealed against writing already loses nothing.
              if ((seals & F_SEAL_EXEC) === 0 || (seals & F_SEAL_WRITE) !== 0) continue;
              const object = sessionFileName(session, token);
              context.report({
                message: "grows",
                seq: step.event.seq,
                objects: [object],
                witness: [preserved_seq],
                data: {
                  object,
                  seals: sealNames(seals),
                  added: sealNames(F_SEAL_EXEC_IMPLIES & ~seals),
                },
              });
            }
          }
        },
      },
    };
  },
});
