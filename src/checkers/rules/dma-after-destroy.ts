import type { HwptView } from "../domains.js";
import { domainName, type IoasView, type RestoredDomainView } from "../domains.js";
import { deviceName, type ObjectName, objectName, rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

/** A page table that is gone, and what it mapped. */
interface Gone {
  readonly name: ObjectName;
  readonly seq: number;
  readonly ts: number | undefined;
  maps(iova: bigint): boolean;
}

/** So many page tables are remembered a device: hardware forgets the older ones, too. */
const GONE_MAX = 4;

export const dmaAfterDestroy = defineRule({
  id: "dma-after-destroy",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "No DMA goes through a page table that was destroyed.",
  sources: ["the seed mail, A7", "iommufd_hwpt_paging_destroy (v7.3.4)"],
  messages: {
    walked:
      "{device} reached {range}, which only {table} mapped; that is destroyed since {destroyed}",
  },

  create(context) {
    /** Devices that used a page table, until it is destroyed. */
    const users = new Map<object, Set<string>>();
    const gone = new Map<string, Gone[]>();

    function remember(names: Iterable<string>, table: Gone): void {
      for (const name of names)
        gone.set(name, [table, ...(gone.get(name) ?? [])].slice(0, GONE_MAX));
    }

    function ofDomain(domain: RestoredDomainView, seq: number, ts: number | undefined): Gone {
      const maps = (iova: bigint) => domain.table.find(iova) !== undefined;
      return { name: domainName(domain), seq, ts, maps };
    }

    return {
      // A routine transfer reaches memory that the page table shows.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        device_attached({ device, hwpt }) {
          const names = users.get(hwpt) ?? new Set<string>();
          users.set(hwpt, names.add(device.hardware.name));
        },
        object_destroyed({ object }, step) {
          const names = users.get(object);
          if (names === undefined) return;
          users.delete(object);
          if (object.type !== "HWPT_PAGING") return;
          const { ioas, origin } = object as unknown as HwptView;
          if (origin === "restored") return;
          const { seq, ts_end, ts } = step.event;
          remember(names, {
            name: objectName(object),
            seq,
            ts: ts_end ?? ts,
            maps: mappedNow(ioas),
          });
        },
        domain_destroyed({ domain, cause }, step) {
          if (cause === "kernel_gone") return;
          const { seq, ts_end, ts } = step.event;
          const names = [...domain.devices.keys()].map(({ name }) => name);
          remember(names, ofDomain(domain, seq, ts_end ?? ts));
        },
        kernel_booted() {
          users.clear();
          gone.clear();
        },
        dma(transfer) {
          const { device, event } = transfer;
          const tables = gone.get(device.hardware.name);
          if (event.observed !== "ok" || tables === undefined) return;
          if (transfer.predicted === "ok") return;
          const ts = event.ts_end ?? event.ts;
          for (const { target, iova, length_bytes } of transfer.pieces) {
            if (target.kind !== "fault") continue;
            if (target.reason !== "not_mapped" && target.reason !== "blocked") continue;
            const table = tables.find(({ maps }) => maps(iova));
            if (table === undefined || (ts ?? Infinity) < (table.ts ?? 0)) continue;
            context.report({
              message: "walked",
              seq: event.seq,
              objects: [deviceName(device.name), table.name],
              witness: [table.seq],
              data: {
                device: deviceName(device.name),
                range: rangeText(iova, iova + BigInt(length_bytes) - 1n),
                table: table.name,
                destroyed: table.seq,
              },
            });
          }
        },
      },
    };
  },
});

/** Whether an IOVA is one of those that the IOAS maps now: what is mapped later was in no table. */
function mappedNow(ioas: IoasView): (iova: bigint) => boolean {
  const ranges: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of ioas.areas) {
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1n === first) before.last = last;
    else ranges.push({ first, last });
  }
  return (iova) => ranges.some(({ first, last }) => first <= iova && iova <= last);
}
