import { Crossing } from "../crossing.js";
import { type PreservedDomainView, preservedName } from "../domains.js";
import { sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { fileText, type LuoFileView, objectOf, type SessionView } from "../subjects.js";

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
            for (const [memory, pinned_seq] of memoryOf(domain)) {
              if (holder(session, memory) !== undefined) continue;
              const other = sessions.find((candidate) => holder(candidate, memory) !== undefined);
              const luoFile = other && holder(other, memory);
              if (other === undefined || luoFile === undefined) continue;
              const hwpt = preservedName(domain);
              context.report({
                message: "elsewhere",
                seq: step.event.seq,
                objects: [hwpt, sessionName(session), sessionName(other)],
                witness: [pinned_seq, luoFile.preserved_seq],
                data: {
                  hwpt,
                  session: sessionName(session),
                  file: fileText(luoFile.source),
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

/** The memory a page table maps, each with the seq of the call that pinned it first. */
function memoryOf({ table }: PreservedDomainView): ReadonlyMap<object, number | undefined> {
  const found = new Map<object, number | undefined>();
  for (const { memory, pinned_seq } of table?.runs ?? []) {
    if (!found.has(memory)) found.set(memory, pinned_seq);
  }
  return found;
}

/** The file of a session whose pages this memory is, by whatever way it was mapped. */
function holder(session: SessionView, memory: object): LuoFileView | undefined {
  for (const luoFile of session.files.values()) {
    if (objectOf(luoFile.source, "memfd")?.pages === memory) return luoFile;
  }
  return undefined;
}
