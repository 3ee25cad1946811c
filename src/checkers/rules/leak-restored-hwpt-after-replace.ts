import { domainName, type RestoredDomainView } from "../domains.js";
import { objectName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";

/** After this time without an attachment the handle is probably forgotten. */
const PATIENCE_NS = 300_000_000_000;

interface Idle {
  readonly domain: RestoredDomainView;
  readonly seq: number;
  readonly ts: number | undefined;
}

export const leakRestoredHwptAfterReplace = defineRule({
  id: "leak-restored-hwpt-after-replace",
  family: "leak",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "A restored HWPT is destroyed once no device is attached to it.",
  sources: ["the seed mail, A7: destroy it after it was replaced"],
  messages: {
    kept: "{hwpt}, the handle of {domain}, was replaced at event {replaced} and never destroyed",
  },

  create(context) {
    const idle = new Map<number, Idle>();
    let lastTs: number | undefined;
    let cleanEnd = false;
    return {
      on: {
        domain_replaced({ domain }, step) {
          const { seq, ts } = step.event;
          if (!domain.attached) idle.set(domain.uid, { domain, seq, ts });
        },
        domain_destroyed({ domain }) {
          idle.delete(domain.uid);
        },
        kernel_booted() {
          idle.clear();
        },
      },
      any(event) {
        if (event.ts !== undefined) lastTs = event.ts;
        cleanEnd = event.type === "marker" && event.what === "clean_end";
      },
      finish(_end, _view, last_seq) {
        for (const { domain, seq, ts } of idle.values()) {
          const { hwpt } = domain;
          const late = (lastTs ?? 0) - (ts ?? lastTs ?? 0) > PATIENCE_NS;
          if (hwpt === undefined || domain.attached || !(cleanEnd || late)) continue;
          context.report({
            message: "kept",
            seq: last_seq,
            objects: [domainName(domain)],
            witness: [seq],
            data: { hwpt: objectName(hwpt), domain: domainName(domain), replaced: seq },
          });
        }
      },
    };
  },
});
