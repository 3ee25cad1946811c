import { LatestMarks } from "../marks.js";
import { hex, objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";

export const cmpMarkedAfterPreserve = defineRule({
  id: "cmp-marked-after-iommufd-preserve",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "Page tables are marked before their iommufd is preserved: a later mark does nothing.",
  sources: ["the preserve callback of iommufd looks for marks once (IOMMU live update v5)"],
  messages: {
    late: "{hwpt} was marked with token {token} when its iommufd was preserved already",
  },

  create(context) {
    const marks = new LatestMarks();
    return {
      on: {
        ...marks.on,
        serialized({ sessions }, step) {
          for (const [hwpt, marked] of marks.entries()) {
            const preserved = preservedSeq(sessions, hwpt.context);
            // What was written down has the token of an earlier mark, or none.
            const known = hwpt.preserved_as?.token === hwpt.mark_token;
            if (preserved === undefined || marked < preserved || known) continue;
            context.report({
              message: "late",
              seq: step.event.seq,
              objects: [objectName(hwpt)],
              witness: [preserved, marked],
              data: { hwpt: objectName(hwpt), token: hex(hwpt.mark_token ?? 0n) },
            });
          }
        },
      },
    };
  },
});

interface Holder {
  readonly files: ReadonlyMap<
    bigint,
    { readonly source: { readonly object: object }; readonly preserved_seq: number }
  >;
}

function preservedSeq(sessions: readonly Holder[], iommufd: object): number | undefined {
  for (const { files } of sessions) {
    for (const { source, preserved_seq } of files.values()) {
      if (source.object === iommufd) return preserved_seq;
    }
  }
  return undefined;
}
