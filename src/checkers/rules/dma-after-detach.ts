import { succeeded } from "../answer.js";
import { deviceName, rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

interface Detached {
  readonly seq: number;
  readonly ts: number | undefined;
}

/** Drivers that leave the DMA to user space: vfio-pci and its variants. */
const VFIO_DRIVER = /vfio[-_]pci$/;

export const dmaAfterDetach = defineRule({
  id: "dma-after-detach",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "After a detach the device reaches no memory.",
  sources: ["iommufd_device_detach, drivers/iommu/iommufd/device.c (v7.3.4)"],
  messages: {
    reached: "{device} {access} {range} although its domain was detached at event {detach}",
  },

  create(context) {
    /** Devices without a domain that had one in this kernel, by name and PASID. */
    const detached = new Map<string, Detached>();
    const keyOf = (name: string, pasid: number) => `${name} ${pasid}`;

    return {
      // A routine transfer reaches memory that the page table shows.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        device_attached({ device, pasid }) {
          for (const { name } of device.group.members) detached.delete(keyOf(name, pasid));
        },
        device_detached({ device, pasid }, step) {
          const { event } = step;
          if (device.group.attached.has(pasid)) return;
          const entry = { seq: event.seq, ts: event.ts_end ?? event.ts };
          for (const { name } of device.group.members) detached.set(keyOf(name, pasid), entry);
        },
        kernel_booted() {
          detached.clear();
        },
        dma(transfer) {
          const { device, event } = transfer;
          if (event.observed !== "ok" || detached.size === 0) return;
          const since = detached.get(keyOf(device.hardware.name, event.pasid ?? 0));
          if (since === undefined) return;
          // It may have been on its way before the detach returned.
          const ts = event.ts_end ?? event.ts;
          if (ts !== undefined && since.ts !== undefined && ts < since.ts) return;
          const piece = transfer.pieces.find(({ target }) => isBlocked(target));
          if (piece === undefined) return;
          const name = deviceName(device.name);
          const last = piece.iova + BigInt(piece.length_bytes) - 1n;
          context.report({
            message: "reached",
            seq: event.seq,
            objects: [name],
            cause: since.seq,
            witness: [since.seq],
            data: {
              device: name,
              access: event.direction === "write" ? "wrote" : "read",
              range: rangeText(piece.iova, last),
              detach: since.seq,
            },
          });
        },
      },
      event: {
        driver_bind(event, step) {
          // A driver of the kernel has a domain of its own.
          if (!succeeded(step) || VFIO_DRIVER.test(event.driver)) return;
          for (const key of detached.keys()) {
            if (key.startsWith(`${event.device} `)) detached.delete(key);
          }
        },
      },
    };
  },
});

/** Nothing translates for the device; closing it also took its bus mastering away. */
function isBlocked(target: { readonly kind: string; readonly reason?: string }): boolean {
  if (target.kind !== "fault") return false;
  return target.reason === "blocked" || target.reason === "bus_master_off";
}
