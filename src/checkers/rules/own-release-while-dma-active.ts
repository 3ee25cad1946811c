import { deviceName, rangeText } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";

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
    /** Devices that were reset or stopped since they last did DMA. */
    const quiet = new Map<string, number>();

    return {
      routine: { dma: () => released.size === 0 },
      passed: {
        dma({ device }) {
          if (quiet.size > 0 && device !== undefined) quiet.delete(device.hardware.name);
        },
      },
      on: {
        bus_master_changed({ device, enabled }, step) {
          const { name } = device.hardware;
          if (enabled !== false) quiet.delete(name);
          else if (!quiet.has(name)) quiet.set(name, step.event.seq);
        },
        device_reset({ device }, step) {
          quiet.set(device.hardware.name, step.event.seq);
          released.delete(device.hardware.name);
        },
        group_owner_changed({ group, after }, step) {
          for (const { name } of group.members) {
            // The close itself stops the device: only what happened before it counts.
            const stopped = quiet.get(name) ?? step.event.seq;
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
          if (event.observed !== "ok") return;
          quiet.delete(name);
          if (release === undefined) return;
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
