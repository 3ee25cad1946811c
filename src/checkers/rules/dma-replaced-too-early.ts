import { domainName, type IoasView, type RestoredDomainView } from "../domains.js";
import { objectName, rangeText, sessionName } from "../names.js";
import { defineRule, RESTORE_PROFILES, type RoutineView } from "../rule.js";
import type { MachineView } from "../view.js";

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

    function isOrdinary({ ioas }: RoutineView): boolean {
      return ioas !== undefined && !replaced.has(ioas);
    }

    return {
      routine: { map: isOrdinary, map_file: isOrdinary },
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
        // Where no device uses the new table, none can miss anything in it.
        device_detached({ hwpt }, _step, view) {
          if (replaced.size > 0) forget((entry) => entry.hwpt === hwpt && !isUsed(view, hwpt));
        },
        device_attached({ previous }, _step, view) {
          if (previous === undefined || replaced.size === 0) return;
          forget((entry) => entry.hwpt === previous && !isUsed(view, previous));
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

function isUsed(view: MachineView, hwpt: object): boolean {
  return view.devices.entries().some(({ hardware }) => {
    return [...hardware.group.attached.values()].some((attached) => attached.hwpt === hwpt);
  });
}
