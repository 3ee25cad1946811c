import { Crossing } from "../crossing.js";
import { preservedName } from "../domains.js";
import { sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { fileText, type SessionView } from "../subjects.js";

export const cmpMemfdNotInSameSession = defineRule({
  id: "cmp-memfd-not-in-same-session",
  family: "completeness",
  severity: "error",
  profiles: ["seed", "p1v1", "p1v5", "p2"],
  summary: "A page table crosses in one session with the memory it maps.",
  sources: [
    "J. Gunthorpe, 2025-10-02 21:12Z: the iommufd asks for its memory in the same session",
    "liveupdate_get_token_outgoing (IOMMU live update v5)",
  ],
  messages: {
    elsewhere: "{hwpt} crosses in {session}, {file} which it maps in {other}",
  },

  create(context) {
    const crossing = new Crossing();
    return {
      on: {
        domain_serialized: crossing.add,
        serialized({ sessions }, step) {
          for (const { domain, session } of crossing.take()) {
            for (const area of domain.hwpt.ioas.areas) {
              const { file } = area.backing;
              if (file === undefined || holds(session, file.object)) continue;
              const other = sessions.find((candidate) => holds(candidate, file.object));
              if (other === undefined) continue;
              const hwpt = preservedName(domain);
              context.report({
                message: "elsewhere",
                seq: step.event.seq,
                objects: [hwpt, sessionName(session), sessionName(other)],
                data: {
                  hwpt,
                  session: sessionName(session),
                  file: fileText(file),
                  other: sessionName(other),
                },
              });
            }
          }
        },
      },
    };
  },
});

function holds(session: SessionView, object: object): boolean {
  for (const { source } of session.files.values()) if (source.object === object) return true;
  return false;
}
