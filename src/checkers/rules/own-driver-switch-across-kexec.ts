import { succeeded } from "../answer.js";
import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";

/** Variants of vfio-pci; a driver of the kernel is own-kernel-driver-on-preserved-device. */
const VARIANT = /vfio/;

export const ownDriverSwitchAcrossKexec = defineRule({
  id: "own-driver-switch-across-kexec",
  family: "ownership",
  severity: "warning",
  profiles: ["p1v5", "p2"],
  summary: "A device that arrived gets the driver that preserved it.",
  sources: ["drivers/pci/liveupdate.c (PCI live update v9): the core does not protect against it"],
  messages: {
    switched: "{device} was preserved by {before} and is bound to {after} now",
  },

  create(context) {
    /** Drivers of this kernel and of the one before, by device. */
    let now = new Map<string, { driver: string; seq: number }>();
    let before = now;
    return {
      on: {
        kernel_booted() {
          before = now;
          now = new Map();
        },
      },
      event: {
        driver_bind(event, step, view) {
          if (!succeeded(step)) return;
          const arrived = view.devices.find(event.device)?.arrived_as;
          now.set(event.device, { driver: event.driver, seq: event.seq });
          if (arrived === undefined || !VARIANT.test(event.driver)) return;
          const old = before.get(event.device);
          // A driver that was there before the trace began is not known (guard G1).
          if (old === undefined || old.driver === event.driver) return;
          const device = deviceName(event.device);
          context.report({
            message: "switched",
            seq: event.seq,
            objects: [device],
            witness: [old.seq, arrived.preserved_seq],
            data: { device, before: old.driver, after: event.driver },
          });
        },
      },
    };
  },
});
