import type { FilePages } from "../../engine/memory/file-pages.js";
import { deviceName, hex } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import type { View } from "../view.js";

/** Where a page of memory was seen. */
interface Seen {
  readonly physical: bigint;
  readonly seq: number;
  readonly epoch: number;
}

const PAGE_BYTES = 4096n;
/** Pages kept; when there are more the rule can no longer say that none moved. */
const PAGES_MAX = 65_536;

export const dmaTranslationChanged = defineRule({
  id: "dma-translation-changed-across-kexec",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "A restored domain leads to the very pages it led to before the kexec.",
  sources: [
    "J. Gunthorpe, 2025-10-01 11:47Z: the context is written again with the same content",
    "the seed mail, A6: the attach at early boot changes nothing",
  ],
  messages: {
    moved: "{device} finds {iova} at {now} after the kexec, it was at {before} until then",
  },

  create(context) {
    const pages = new Map<string, Seen>();
    return {
      // A routine transfer has no physical address.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        dma(transfer, _step, view) {
          const { device, event } = transfer;
          if (event.physical === undefined) return;
          const [piece] = transfer.pieces;
          if (piece?.target.kind !== "memory") return;
          const { object, offset, freed_seq } = piece.target;
          if (freed_seq !== undefined) return;
          const inPage = offset % PAGE_BYTES;
          const key = `${object.serial} ${offset - inPage}`;
          const physical = event.physical - inPage;
          const before = pages.get(key);
          const lost =
            object.kind === "file" ? (object as View<FilePages>).freedSeq(offset) : undefined;
          // Between two mappings nothing holds a page in its place.
          const pinned = piece.restored?.table.find(piece.iova)?.pinned_seq;
          const since = Math.max(lost ?? -1, pinned ?? -1);
          if (before !== undefined && since > before.seq) pages.delete(key);
          else if (before !== undefined && before.epoch < view.epoch && piece.restored) {
            if (before.physical !== physical) {
              context.report({
                message: "moved",
                seq: event.seq,
                objects: [deviceName(device.name)],
                cause: key,
                witness: [before.seq, piece.restored.table.kexec_seq],
                data: {
                  device: deviceName(device.name),
                  iova: hex(event.iova),
                  now: hex(event.physical),
                  before: hex(before.physical + inPage),
                },
              });
            }
            return;
          }
          if (pages.size < PAGES_MAX)
            pages.set(key, { physical, seq: event.seq, epoch: view.epoch });
          else context.unknown(`the physical places of more than ${PAGES_MAX} pages were seen`);
        },
      },
    };
  },
});
