import { preservedName } from "../domains.js";
import { rangeText, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";

export const cmpMappedMemoryNotPreserved = defineRule({
  id: "cmp-mapped-memory-not-preserved",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "All memory that a preserved page table maps is preserved too.",
  sources: [
    "IOMMU live update v1, PATCH 11/14 (2026-02-03): only such page tables may be preserved",
    "J. Gunthorpe, 2025-09-30 21:05Z",
  ],
  messages: {
    reachable: "{hwpt} crosses with {devices} and maps {range}, whose memory is not handed over",
    idle: {
      text: "{hwpt} crosses without a device and maps {range}, whose memory is not handed over",
      severity: "warning",
    },
  },

  create(context) {
    return {
      on: {
        domain_serialized({ domain, session }, step) {
          const lost = domain.table?.runs.find(
            ({ preserved, memory }) => !preserved && memory.kind !== "device",
          );
          if (lost === undefined) return;
          const hwpt = preservedName(domain);
          const common = {
            seq: step.event.seq,
            objects: [hwpt],
            about: [sessionName(session)],
            cause: step.event.seq,
          };
          const data = { hwpt, range: rangeText(lost.first, lost.last) };
          const devices = [...domain.devices.values()].join(", ");
          if (devices === "") context.report({ message: "idle", data, ...common });
          else context.report({ message: "reachable", data: { ...data, devices }, ...common });
        },
      },
    };
  },
});
