import type { EventOf } from "../../engine/event/index.js";
import { domainName } from "../domains.js";
import { deviceName, objectName, rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import type { PciDeviceView } from "../subjects.js";

const PAGE_MASK = ~0xfffn;

export const dmaUnmappedIova = defineRule({
  id: "dma-unmapped-iova",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "A device reaches memory only through what its page table maps.",
  sources: [
    "iommufd map semantics: areas are exact ranges (v7.3.4)",
    "the default of an IOMMU domain is to block",
  ],
  messages: {
    reached: "{device} {access} {range}, which {table} does not map",
    unattached: "{device} {access} {range} although no page table was ever attached to it",
    blocked: {
      text: "{device} was kept from {range}, which {table} does not map",
      severity: "info",
    },
  },

  create(context) {
    /** Devices that had a page table in this kernel: after that it is dma-after-detach. */
    const attached = new Set<string>();

    /** Through nothing: the device belongs to an iommufd that has attached nothing. */
    function reachedThrough(device: PciDeviceView, event: EventOf<"dma">): void {
      const { hardware } = device;
      if (event.observed !== "ok" || hardware.bound === undefined) return;
      if (attached.has(hardware.name) || isFirmware(hardware.reserved, event.iova)) return;
      const name = deviceName(device.name);
      context.report({
        message: "unattached",
        seq: event.seq,
        objects: [name],
        data: {
          device: name,
          access: event.direction === "write" ? "wrote" : "read",
          range: rangeText(event.iova, event.iova + BigInt(event.length_bytes) - 1n),
        },
      });
    }

    return {
      // A routine transfer reaches memory that the page table shows.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        device_attached({ device }) {
          for (const { name } of device.group.members) attached.add(name);
        },
        kernel_booted() {
          attached.clear();
        },
        dma(transfer) {
          if (transfer.predicted === "ok") return;
          const { device, event, pieces } = transfer;
          const { observed } = event;
          const [piece] = pieces;
          const isBlocked = piece?.target.kind === "fault" && piece.target.reason === "blocked";
          if (isBlocked && piece.hwpt === undefined && piece.restored === undefined) {
            reachedThrough(device, event);
          }
          if (observed !== "ok" && observed !== "fault") return;
          for (const { target, hwpt, restored, iova, length_bytes } of pieces) {
            if (target.kind !== "fault" || target.reason !== "not_mapped") continue;
            if (isFirmware(device.hardware.reserved, iova)) continue;
            const table = restored === undefined ? hwpt && objectName(hwpt) : domainName(restored);
            if (table === undefined) continue;
            const last = iova + BigInt(length_bytes) - 1n;
            const name = deviceName(device.name);
            const common = { seq: event.seq, objects: [name, table] };
            const range = rangeText(iova, last);
            const data = { device: name, range, table };
            if (observed === "ok") {
              const access = event.direction === "write" ? "wrote" : "read";
              context.report({ message: "reached", data: { ...data, access }, ...common });
            } else {
              const cause = rangeText(iova & PAGE_MASK, last | ~PAGE_MASK);
              context.report({ message: "blocked", data, cause, ...common });
            }
          }
        },
      },
    };
  },
});

/** Regions that firmware wants mapped 1:1, whatever user space maps. */
function isFirmware(
  reserved: readonly { readonly kind: string; readonly first: bigint; readonly last: bigint }[],
  iova: bigint,
): boolean {
  return reserved.some(
    ({ kind, first, last }) => kind.startsWith("direct") && iova >= first && iova <= last,
  );
}
