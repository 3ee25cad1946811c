import { deviceName } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";

export const ownSharedGroupPartialPreserve = defineRule({
  id: "own-shared-group-partial-preserve",
  family: "ownership",
  severity: "error",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  summary: "Of a group of devices all are preserved, or those that are not do no DMA.",
  sources: [
    "IOMMU live update v1, PATCH 09/14: a boot asks the first device of a group only",
    "PCI live update v4: groups of one device",
  ],
  messages: {
    partial: "{other} shares the group of {preserved}, which crosses, and is not preserved itself",
  },

  create(context) {
    /** Devices that did DMA since they were last stopped. */
    const active = new Set<string>();
    return {
      routine: { dma: NOTHING_TO_SAY },
      passed: {
        dma({ device }) {
          if (device !== undefined) active.add(device.name);
        },
      },
      on: {
        bus_master_changed({ device, enabled }) {
          if (enabled === false) active.delete(device.name);
        },
        device_reset({ device }) {
          active.delete(device.name);
        },
        dma({ device, event }) {
          if (event.observed === "ok") active.add(device.name);
        },
        serialized(_, step, view) {
          const devices = view.devices.entries();
          for (const device of devices) {
            if (device.preserved_as !== undefined) continue;
            if (device.bus_master !== true && !active.has(device.name)) continue;
            const { group } = device.hardware;
            const kept = devices.find(
              (other) => other.preserved_as !== undefined && other.hardware.group === group,
            );
            if (kept === undefined) continue;
            const names = { other: deviceName(device.name), preserved: deviceName(kept.name) };
            context.report({
              message: "partial",
              seq: step.event.seq,
              objects: [names.other, names.preserved],
              cause: step.event.seq,
              data: names,
            });
          }
        },
        kernel_booted() {
          active.clear();
        },
      },
    };
  },
});
