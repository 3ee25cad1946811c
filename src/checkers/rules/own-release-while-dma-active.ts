import { deviceName, rangeText } from "../names.js";
import { defineRule, RESTORE_PROFILES, UntilStep } from "../rule.js";
import type { PciDeviceView } from "../subjects.js";

export const ownReleaseWhileDmaActive = defineRule({
  id: "own-release-while-dma-active",
  family: "ownership",
  severity: "error",
  profiles: RESTORE_PROFILES,
  summary: "A device is reset or stopped before its owner lets its group go.",
  sources: ["J. Gunthorpe, 2025-10-01: a function reset comes before the domain is switched"],
  messages: {
    active: "{device} {access} {range} after its group was released at event {release}, unstopped",
  },

  create(context) {
    /** Seq of the release, for devices that nobody had stopped before it. */
    const released = new Map<string, number>();
    /** When a device was reset or stopped; it lasts until its next transfer. */
    const quiet = new Map<string, { readonly device: PciDeviceView; readonly seq: number }>();

    function quietSince(name: string): number | undefined {
      const known = quiet.get(name);
      return known === undefined || known.device.reached_seq > known.seq ? undefined : known.seq;
    }

    return {
      routine: { dma: new UntilStep(() => released.size === 0) },
      on: {
        bus_master_changed({ device, enabled }, step) {
          const { name } = device.hardware;
          if (enabled !== false) quiet.delete(name);
          else if (quietSince(name) === undefined) quiet.set(name, { device, seq: step.event.seq });
        },
        device_reset({ device }, step) {
          quiet.set(device.hardware.name, { device, seq: step.event.seq });
          released.delete(device.hardware.name);
        },
        group_owner_changed({ group, after }, step) {
          for (const { name } of group.members) {
            // The close itself stops the device: only what happened before it counts.
            const stopped = quietSince(name) ?? step.event.seq;
            if (after !== undefined || stopped < step.event.seq) released.delete(name);
            else released.set(name, step.event.seq);
          }
        },
        kernel_booted() {
          released.clear();
          quiet.clear();
        },
        dma({ device, event }) {
          const { name } = device.hardware;
          const release = released.get(name);
          if (event.observed !== "ok" || release === undefined) return;
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
          context.report({
            message: "active",
            seq: event.seq,
            objects: [deviceName(device.name)],
            cause: release,
            witness: [release],
            data: {
              device: deviceName(device.name),
              access: event.direction === "write" ? "wrote" : "read",
              range: rangeText(event.iova, last),
              release,
            },
          });
        },
      },
    };
  },
});
