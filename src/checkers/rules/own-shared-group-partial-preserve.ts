import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";
import type { PciDeviceView } from "../subjects.js";

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
    /** When each device was last stopped, and when the kernel began. */
    const stopped = new Map<string, number>();
    let booted = -1;

    function isActive({ name, reached_seq }: PciDeviceView): boolean {
      return reached_seq > (stopped.get(name) ?? booted);
    }

    return {
      // The device itself knows when it last reached memory.
      on: {
        bus_master_changed({ device, enabled }, step) {
          if (enabled === false) stopped.set(device.name, step.event.seq);
        },
        device_reset({ device }, step) {
          stopped.set(device.name, step.event.seq);
        },
        serialized(_, step, view) {
          const devices = view.devices.entries();
          for (const device of devices) {
            if (device.preserved_as !== undefined) continue;
            if (device.bus_master !== true && !isActive(device)) continue;
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
        kernel_booted(_, step) {
          stopped.clear();
          booted = step.event.seq;
        },
      },
    };
  },
});
