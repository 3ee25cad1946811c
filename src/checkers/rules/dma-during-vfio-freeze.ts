import { deviceName, rangeText } from "../names.js";
import { defineRule, UntilStep } from "../rule.js";

export const dmaDuringVfioFreeze = defineRule({
  id: "dma-during-vfio-freeze",
  family: "dma",
  severity: "info",
  profiles: ["p1v1", "p1v5"],
  summary: "A device that was frozen is quiet until the next kernel.",
  sources: ["VFIO live update v5 cover letter, 2026-07-14: freeze resets and stops the device"],
  messages: {
    ran: "{device} reached {range} after it was frozen at event {frozen}",
  },

  create(context) {
    const frozen = new Map<string, number>();
    return {
      routine: { dma: new UntilStep(() => frozen.size === 0) },
      on: {
        device_frozen({ device, stopped }, step) {
          if (stopped) frozen.set(device.name, step.event.seq);
        },
        bus_master_changed({ device, enabled }) {
          // After a freeze that failed the VMM lets it run again.
          if (enabled === true) frozen.delete(device.name);
        },
        kernel_booted() {
          frozen.clear();
        },
        dma({ device, event }) {
          const seq = frozen.get(device.name);
          if (seq === undefined || (event.observed !== "ok" && event.observed !== "partial"))
            return;
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
          const name = deviceName(device.name);
          context.report({
            message: "ran",
            seq: event.seq,
            objects: [name],
            witness: [seq],
            data: { device: name, range: rangeText(event.iova, last), frozen: seq },
          });
        },
      },
    };
  },
});
