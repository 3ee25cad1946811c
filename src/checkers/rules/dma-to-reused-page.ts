import { domainName } from "../domains.js";
import { unheldParts } from "../held-pages.js";
import { deviceName, type ObjectName, rangeText, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";

export const dmaToReusedPage = defineRule({
  id: "dma-to-reused-page",
  family: "dma",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A device reaches only pages that still belong to what its table was made for.",
  sources: [
    "liveupdate and KHO (v7.3.4): what was not preserved is free memory in the next kernel",
    "observed on a kernel with the series: DMA into a punched page hits its next owner",
  ],
  messages: {
    reused: "{device} {access} {range}, whose page was freed at event {freed}: it is anybody's now",
  },

  create(context) {
    return {
      // The pages of a routine transfer were not freed since they were pinned.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        dma(transfer, _step, view) {
          const { device, event, predicted } = transfer;
          const { observed } = event;
          // Only a table from the kernel before can lead to pages that nothing pins.
          if (observed === "fault" || transfer.restored === undefined) return;
          // What is mapped of a transfer that straddles the end of a mapping does arrive.
          const certain = observed === "ok" || (observed === "partial" && predicted === "partial");
          for (const { target, restored, iova, length_bytes } of transfer.pieces) {
            if (target.kind !== "memory" || target.freed_seq === undefined) continue;
            const { freed_seq, object, offset } = target;
            const bytes = { first: offset, last: offset + BigInt(length_bytes) - 1n };
            // A mapping of this kernel can hold a page that its file let go of.
            if (unheldParts(view, object, bytes, freed_seq).length === 0) continue;
            if (!certain) {
              context.unknown("nobody observed whether a DMA reached a page that was freed");
              return;
            }
            const name = deviceName(device.name);
            const about: ObjectName[] = [];
            if (restored !== undefined) {
              about.push(domainName(restored), sessionName(restored.iommufd.session));
            }
            context.report({
              message: "reused",
              seq: event.seq,
              objects: [name],
              about,
              cause: freed_seq,
              witness: [target.run.pinned_seq, freed_seq],
              data: {
                device: name,
                access: event.direction === "write" ? "wrote" : "read",
                range: rangeText(iova, iova + BigInt(length_bytes) - 1n),
                freed: freed_seq,
              },
            });
          }
        },
      },
    };
  },
});
