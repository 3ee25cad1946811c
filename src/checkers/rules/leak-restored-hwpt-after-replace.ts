import { domainName, type RestoredDomainView } from "../domains.js";
import { objectName, sessionName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";
import type { StepView } from "../view.js";

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
    kept: "{hwpt}, a restored domain, was replaced at event {replaced} and never destroyed",
  },

  create(context) {
    const idle = new Map<number, Idle>();
    /** Seq of the last such marker: it counts when it ends the trace. */
    let cleanEnd: number | undefined;

    function leave({ domain }: { readonly domain: RestoredDomainView }, { event }: StepView): void {
      const { seq, ts } = event;
      if (!domain.attached) idle.set(domain.uid, { domain, seq, ts });
    }

    return {
      on: {
        domain_replaced: leave,
        domain_released: leave,
        domain_destroyed({ domain }) {
          idle.delete(domain.uid);
        },
        kernel_booted() {
          idle.clear();
        },
      },
      event: {
        marker(event) {
          if (event.what === "clean_end") cleanEnd = event.seq;
        },
      },
      finish(_end, _view, last) {
        for (const { domain, seq, ts } of idle.values()) {
          const { hwpt } = domain;
          const late = (last.ts ?? 0) - (ts ?? last.ts ?? 0) > PATIENCE_NS;
          if (hwpt === undefined || domain.attached || !(cleanEnd === last.seq || late)) continue;
          context.report({
            message: "kept",
            seq: last.seq,
            objects: [domainName(domain)],
            about: [sessionName(domain.iommufd.session)],
            witness: [seq],
            data: { hwpt: objectName(hwpt), replaced: seq },
          });
        }
      },
    };
  },
});
