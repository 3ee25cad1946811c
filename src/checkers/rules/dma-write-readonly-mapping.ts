import { domainName } from "../domains.js";
import { deviceName, objectName, rangeText } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

export const dmaWriteReadonlyMapping = defineRule({
  id: "dma-write-readonly-mapping",
  family: "dma",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A device does to memory only what the mapping's flags allow.",
  sources: ["IOMMU_IOAS_MAP_WRITEABLE and READABLE, include/uapi/linux/iommufd.h (v7.3.4)"],
  messages: {
    written: "{device} wrote {range}, which {table} maps without WRITEABLE",
    read: "{device} read {range}, which {table} maps without READABLE",
  },

  create(context) {
    return {
      // A routine transfer reaches memory that the page table shows.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        dma(transfer) {
          const { device, event } = transfer;
          if (event.observed !== "ok" || transfer.predicted === "ok") return;
          const wrong = event.direction === "write" ? "not_writable" : "not_readable";
          for (const { target, hwpt, restored, iova, length_bytes } of transfer.pieces) {
            if (target.kind !== "fault" || target.reason !== wrong) continue;
            const table = restored === undefined ? hwpt && objectName(hwpt) : domainName(restored);
            if (table === undefined) continue;
            const name = deviceName(device.name);
            context.report({
              message: event.direction === "write" ? "written" : "read",
              seq: event.seq,
              objects: [name, table],
              data: {
                device: name,
                range: rangeText(iova, iova + BigInt(length_bytes) - 1n),
                table,
              },
            });
          }
        },
      },
    };
  },
});
