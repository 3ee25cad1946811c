import { domainName, type RestoredDomainView } from "../domains.js";
import { type ObjectName, objectName, rangeText, sessionFileName } from "../names.js";
import { pageOf, plainPageOf, ReachedPages } from "../reached-pages.js";
import { defineRule, NOTHING_TO_SAY, RESTORE_PROFILES } from "../rule.js";
import { actorOf, objectOf } from "../subjects.js";
import { type TableDifference, tableDifferences } from "../table-diff.js";

export const dmaReplacementHole = defineRule({
  id: "dma-replacement-hole",
  family: "dma",
  severity: "error",
  profiles: RESTORE_PROFILES,
  summary: "What replaces a restored domain maps all that it maps, to the same pages.",
  sources: ["J. Gunthorpe, 2025-10-01: the new HWPT has an identical translation"],
  messages: {
    hole: "{hwpt} replaces {domain}, and {range}, which DMA has used, {how}",
    unused: {
      text: "{hwpt} replaces {domain}, and {range} {how}; no DMA was seen there",
      severity: "warning",
    },
  },

  create(context) {
    /** What DMA reached in this kernel and in the one before, by device. */
    let now = new Map<string, ReachedPages>();
    let before = new Map<string, ReachedPages>();

    /** The device of the newest transfer, which nearly always is that of the next one. */
    let newest: { readonly name: string; readonly reached: ReachedPages } | undefined;

    function reachedBy(name: string): ReachedPages {
      if (newest?.name === name) return newest.reached;
      const reached = now.get(name) ?? new ReachedPages();
      now.set(name, reached);
      newest = { name, reached };
      return reached;
    }

    function allReached(names: readonly string[]): ReachedPages[] {
      const all = names.flatMap((name) => [now.get(name), before.get(name)]);
      return all.filter((reached) => reached !== undefined);
    }

    function touched(names: readonly string[], { first, last }: TableDifference): boolean {
      return allReached(names).some((reached) => reached.meets(first, last));
    }

    /** Seq of a transfer in the range, where it is not too long ago. */
    function transferIn(
      names: readonly string[],
      { first, last }: TableDifference,
    ): number | undefined {
      for (const reached of allReached(names)) {
        const seq = reached.recentIn(first, last);
        if (seq !== undefined) return seq;
      }
      return undefined;
    }

    return {
      routine: { dma: NOTHING_TO_SAY },
      passed: {
        dma({ device, iova, length, seq }) {
          if (device === undefined) return;
          const last = plainPageOf(iova + length - 1);
          reachedBy(device.hardware.name).add(plainPageOf(iova), last, seq);
        },
      },
      on: {
        dma({ device, event, happened }) {
          if (happened === "fault" || event.length_bytes === 0) return;
          const last = event.iova + BigInt(event.length_bytes) - 1n;
          reachedBy(device.hardware.name).add(pageOf(event.iova), pageOf(last), event.seq);
        },
        kernel_booted() {
          before = now;
          newest = undefined;
          now = new Map();
        },
        domain_replaced({ domain, group, hwpt }, step, view) {
          if (hwpt.type !== "HWPT_PAGING" || hwpt.origin === "restored") return;
          const names = group.members.map(({ name }) => name);
          // The VM of a reaper is dead: nobody misses what the device cannot reach any more.
          const cleansUp = actorOf(step, view)?.role === "reaper";
          let worst: TableDifference | undefined;
          let used = false;
          for (const difference of tableDifferences(domain.table, hwpt.ioas)) {
            if (cleansUp && difference.how !== "other_page") continue;
            used = touched(names, difference);
            worst = used ? difference : (worst ?? difference);
            if (used) break;
          }
          if (worst === undefined) return;
          context.report({
            message: used ? "hole" : "unused",
            seq: step.event.seq,
            objects: [domainName(domain)],
            about: neverRetrieved(domain, worst),
            witness: [
              worst.old_seq,
              domain.table.serialized_seq,
              worst.new_seq,
              used ? transferIn(names, worst) : undefined,
            ],
            data: {
              hwpt: objectName(hwpt),
              domain: domainName(domain),
              range: rangeText(worst.first, worst.last),
              how: HOW[worst.how],
            },
          });
        },
      },
    };
  },
});

/** The file of the session whose memory is missed, where nobody has asked for it. */
function neverRetrieved(domain: RestoredDomainView, { first }: TableDifference): ObjectName[] {
  const memory = domain.table.find(first)?.memory;
  const { session } = domain.iommufd;
  return [...session.files.values()]
    .filter(({ state, source }) => {
      const memfd = objectOf(source, "memfd");
      return state === "waiting" && memfd !== undefined && memfd.pages === memory;
    })
    .map(({ token }) => sessionFileName(session, token));
}

const HOW: Readonly<Record<TableDifference["how"], string>> = {
  not_mapped: "is not mapped any more",
  other_page: "leads to other pages",
  weaker: "has fewer rights",
};
