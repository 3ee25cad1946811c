/** Ordinary transfers on plain numbers: what they ask of the model, and what they change. */

import type { Machine } from "../machine.js";
import { FilePages } from "../memory/file-pages.js";
import type { PciDevice } from "../vfio/pci-device.js";
import { findPlainTarget, type PlainTarget } from "./plain-route.js";

/**
 * A transfer that the trace saw reach memory: without a PASID, without an offset in the device,
 * without the bytes that moved. The same object can be used for the next one.
 */
export interface PlainDma extends PlainTarget {
  /** PCI address or cdev name. */
  readonly device_name: string;
  readonly iova: number;
  /** In bytes. */
  readonly length: number;
  /** The device writes memory. */
  readonly write: boolean;

  /** What `preparePlainDma` found, as well as the target. */
  device: PciDevice | undefined;
}

/** No engine moves more in one go; every page of it would be a step of the exact way. */
export const LONGEST_BYTES = 0x4000_0000;
const IOVA_END = 2 ** 52;

/**
 * Whether the model says of the transfer what the trace saw: all of it reaches pinned memory, in
 * one piece, through a page table of the running kernel. Nothing is changed but what the transfer
 * keeps for `commitPlainDma`.
 */
export function preparePlainDma(machine: Machine, transfer: PlainDma): boolean {
  const { iova, length, write } = transfer;
  if (length <= 0 || length > LONGEST_BYTES || iova >= IOVA_END) return false;
  const device = machine.devices.find(transfer.device_name);
  if (device === undefined) return false;
  transfer.device = device;
  return findPlainTarget(device, iova, length, write, transfer);
}

/** Makes the changes of a transfer that `preparePlainDma` said yes to, right after it. */
export function commitPlainDma(machine: Machine, transfer: PlainDma): void {
  const { device, object, offset, length, write } = transfer;
  if (device !== undefined) device.reached_seq = machine.seq;
  // The device takes what it reads to a place that the trace does not tell.
  if (!write) return;
  if (object instanceof FilePages) object.storeUnknown(offset, length);
  else object?.contents?.forgetAt(offset, length);
}
