import { deviceName, rangeText } from "../names.js";
import { ALL_PROFILES, defineRule, UntilStep } from "../rule.js";

export const dmaBetweenPauseAndResume = defineRule({
  id: "dma-between-pause-and-resume",
  family: "dma",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "Devices may change memory while the vCPUs are paused: a checksum must not count on it.",
  sources: ["Documentation/core-api/liveupdate.rst (v7.3.4): DMA may go on through the update"],
  messages: {
    wrote: "{device} wrote {range} while the vCPUs were paused (event {paused})",
  },

  create(context) {
    let paused: number | undefined;
    return {
      routine: { dma: new UntilStep(() => paused === undefined) },
      on: {
        dma({ device, event }) {
          if (paused === undefined || event.direction !== "write") return;
          if (event.observed !== "ok" && event.observed !== "partial") return;
          const name = deviceName(device.name);
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
          context.report({
            message: "wrote",
            seq: event.seq,
            objects: [name],
            cause: paused,
            witness: [paused],
            data: { device: name, range: rangeText(event.iova, last), paused },
          });
        },
      },
      event: {
        marker(event) {
          if (event.what === "vcpus_paused") paused = event.seq;
          if (event.what === "vcpus_resumed") paused = undefined;
        },
      },
    };
  },
});
