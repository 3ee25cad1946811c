/** Moves the data of a transfer between a device's own memory and what its pieces point to. */

import { isStillCurrent } from "../iommufd/pins.js";
import { FilePages } from "../memory/file-pages.js";
import type { DeviceMemory } from "../vfio/device-memory.js";
import type { DmaPiece } from "./target.js";

/** A transfer whose pieces are known. */
export interface DmaTransfer {
  readonly iova: bigint;
  /** The device's own memory, and where in it the transfer lies. */
  readonly memory: DeviceMemory | undefined;
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
    if (target.kind !== "memory") continue;
    const data = dataOf(transfer, iova, length_bytes);
    const { object, offset, run } = target;
    if (object instanceof FilePages) {
      if (isStillCurrent(run, offset)) object.store(offset, BigInt(length_bytes), data);
    } else if (data !== undefined) object.contents?.write(offset, data);
    else object.contents?.forget(offset, offset + BigInt(length_bytes) - 1n);
  }
}

/** The device reads memory into its own; where nothing answers it finds zeros. */
export function moveToDevice(transfer: DmaTransfer, pieces: readonly DmaPiece[]): void {
  const { memory, device_offset } = transfer;
  if (memory === undefined || device_offset === undefined) return;
  for (const { iova, length_bytes, target } of pieces) {
    const at = device_offset + Number(iova - transfer.iova);
    memory.write(at, length_bytes, contentOf(target, length_bytes));
  }
}

function dataOf(transfer: DmaTransfer, iova: bigint, length: number): Uint8Array | undefined {
  const skipped = Number(iova - transfer.iova);
  const { data, memory, device_offset } = transfer;
  if (data !== undefined) return data.subarray(skipped, skipped + length);
  if (device_offset === undefined) return undefined;
  return memory?.find(device_offset + skipped, length);
}

function contentOf(target: DmaPiece["target"], length: number): Uint8Array | undefined {
  switch (target.kind) {
    case "fault":
      return target.reason === "unknown_pages" ? undefined : new Uint8Array(length);
    case "memory": {
      const { object, offset, run } = target;
      if (!(object instanceof FilePages)) return object.contents?.read(offset, length);
      return isStillCurrent(run, offset) ? object.read(offset, length) : undefined;
    }
    default:
      return undefined;
  }
}
