import { domainName, type IoasView, type RestoredDomainView } from "../domains.js";
import { objectName, rangeText, sessionName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";

export const dmaReplacedTooEarly = defineRule({
  id: "dma-replaced-too-early",
  family: "dma",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "The new page table is complete before it replaces the restored one.",
  sources: [
    "S. Khawaja, 2025-10-01 18:00 PDT, and J. Gunthorpe, 2025-10-02 13:41Z, on auto domains",
  ],
  messages: {
    late: "{range} of {ioas} was mapped only after {hwpt} on it had replaced {domain}",
  },

  create(context) {
    interface Replaced {
      readonly domain: RestoredDomainView;
      readonly hwpt: Parameters<typeof objectName>[0];
      readonly seq: number;
    }
    /** What each IOAS took over, until the update is over. */
    const replaced = new Map<IoasView, Replaced>();

    function forget(gone: (entry: Replaced) => boolean): void {
      for (const [ioas, entry] of replaced) if (gone(entry)) replaced.delete(ioas);
    }

    return {
      on: {
        domain_replaced({ domain, hwpt }, step) {
          if (hwpt.type !== "HWPT_PAGING") return;
          replaced.set(hwpt.ioas, { domain, hwpt, seq: step.event.seq });
        },
        area_added({ ioas, area }, step) {
          const entry = replaced.get(ioas);
          if (entry === undefined || entry.seq === step.event.seq) return;
          const { domain, hwpt, seq } = entry;
          const old = domain.table.runs.some(
            ({ first, last }) => first <= area.last && last >= area.first,
          );
          if (!old) return;
          context.report({
            message: "late",
            seq: step.event.seq,
            objects: [objectName(hwpt), domainName(domain)],
            about: [sessionName(domain.iommufd.session)],
            witness: [seq],
            data: {
              range: rangeText(area.first, area.last),
              ioas: objectName(ioas),
              hwpt: objectName(hwpt),
              domain: domainName(domain),
            },
          });
        },
        session_finished({ session }) {
          forget(({ domain }) => domain.iommufd.session === session);
        },
        kernel_booted() {
          replaced.clear();
        },
      },
    };
  },
});
