import { ALL_PROFILES, defineRule } from "../rule.js";

export const traceProfileMissing = defineRule({
  id: "trace-profile-missing",
  family: "trace",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "A trace says in its header which kernel or design it comes from.",
  sources: ["semantics of the profiles: docs/trace-format.md"],
  messages: {
    missing: "the header names no profile; sessions and memfds are judged as {profiles}",
  },

  create(context) {
    return {
      finish() {
        const { header, profiles } = context;
        // An imported trace has no header that somebody could have filled in.
        if (header === undefined || header.profile !== undefined) return;
        if (header.profile_overridden === true) return;
        const [merged, ...agreed] = profiles;
        const text = [merged, ...agreed.map((id) => `domains as ${id}`)].join(", ");
        context.report({ message: "missing", seq: 0, objects: [], data: { profiles: text } });
      },
    };
  },
});
