/** Moves the data of a transfer between a device's own memory and what its pieces point to. */

import { isStillCurrent } from "../iommufd/pins.js";
import { FilePages } from "../memory/file-pages.js";
import type { SparseBytes } from "../memory/sparse-bytes.js";
import type { DmaPiece } from "./target.js";

/** Contents of longer pieces are not followed: they would be copied for nobody. */
const TRACKED_BYTES = 0x100_0000;

/** A transfer whose pieces are known. */
export interface DmaTransfer {
  readonly iova: bigint;
  /** The device's own memory, and where in it the transfer lies. */
  readonly memory: SparseBytes;
  readonly device_offset: number | undefined;
  /** The bytes that moved, where the trace holds them. */
  readonly data: Uint8Array | undefined;
}

/**
 * The device writes memory: what it holds becomes the contents of each piece. Pages that left their
 * file after they were pinned take the bytes as well, but the file no longer shows them.
 */
export function moveToMemory(transfer: DmaTransfer, pieces: readonly DmaPiece[]): void {
  for (const { iova, length_bytes, target } of pieces) {
    if (target.kind !== "memory" || target.freed_seq !== undefined) continue;
    const data = dataOf(transfer, iova, length_bytes);
    const { object, offset, run } = target;
    if (!(object instanceof FilePages)) {
      if (data !== undefined) object.contents?.write(offset, data);
      else object.contents?.forget(offset, offset + BigInt(length_bytes) - 1n);
      continue;
    }
    for (const part of pagesOf(object, offset, length_bytes)) {
      if (!isStillCurrent(run, part.offset)) continue;
      const bytes = data?.subarray(part.skipped, part.skipped + part.length_bytes);
      object.store(part.offset, BigInt(part.length_bytes), bytes);
    }
  }
}

/** The device reads memory into its own; where nothing answers it finds zeros. */
export function moveToDevice(transfer: DmaTransfer, pieces: readonly DmaPiece[]): void {
  const { memory, device_offset } = transfer;
  if (device_offset === undefined) return;
  for (const { iova, length_bytes, target } of pieces) {
    const at = BigInt(device_offset) + (iova - transfer.iova);
    const last = at + BigInt(length_bytes) - 1n;
    const data = target.kind === "memory" ? contentOf(target, length_bytes) : undefined;
    if (data !== undefined) memory.write(at, data);
    else if (target.kind === "fault" && target.reason !== "unknown_pages") memory.clear(at, last);
    else memory.forget(at, last);
  }
}

function dataOf(transfer: DmaTransfer, iova: bigint, length: number): Uint8Array | undefined {
  const skipped = Number(iova - transfer.iova);
  const { data, memory, device_offset } = transfer;
  if (data !== undefined) return data.subarray(skipped, skipped + length);
  if (device_offset === undefined || length > TRACKED_BYTES) return undefined;
  return memory.read(BigInt(device_offset + skipped), length);
}

type MemoryTarget = Extract<DmaPiece["target"], { kind: "memory" }>;

function contentOf(target: MemoryTarget, length: number): Uint8Array | undefined {
  const { object, offset, run, freed_seq } = target;
  if (freed_seq !== undefined || length > TRACKED_BYTES) return undefined;
  if (!(object instanceof FilePages)) return object.contents?.read(offset, length);
  for (const part of pagesOf(object, offset, length)) {
    if (!isStillCurrent(run, part.offset)) return undefined;
  }
  return object.read(offset, length);
}

interface PagePart {
  readonly offset: bigint;
  /** Bytes of the run before this part. */
  readonly skipped: number;
  readonly length_bytes: number;
}

/** Cuts a run at the page borders of its file: each page may have left the file on its own. */
function* pagesOf(
  pages: FilePages,
  offset: bigint,
  length_bytes: number,
): Generator<PagePart, undefined> {
  for (let skipped = 0; skipped < length_bytes; ) {
    const at = offset + BigInt(skipped);
    const left = Number(pages.page_bytes - (at % pages.page_bytes));
    const part = Math.min(left, length_bytes - skipped);
    yield { offset: at, skipped, length_bytes: part };
    skipped += part;
  }
}
