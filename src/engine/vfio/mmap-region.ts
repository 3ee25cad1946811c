import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { MemoryObject } from "../memory/memory-object.js";
import { VfioDeviceFile } from "./device-file.js";
import { LAST_BAR } from "./pci-device.js";

const REGION_SHIFT = 40n;
const REGION_MASK = (1n << REGION_SHIFT) - 1n;

/** What mmap(2) of a device file is asked for. */
export interface RegionMapping {
  readonly offset: bigint;
  readonly length: bigint;
  readonly shared: boolean;
}

/**
 * Why a VFIO device refuses to be mapped. Only BARs can be mapped, and only MAP_SHARED. The mapping
 * keeps the device file open: the device stays bound, attached and able to do DMA until it goes.
 *
 * @source vfio_pci_core_mmap, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)
 */
export function checkRegionMapping(
  file: OpenFile,
  { offset, length, shared }: RegionMapping,
): Errno | undefined {
  const { object } = file;
  if (!(object instanceof VfioDeviceFile) || !object.access_granted) return "EINVAL";
  const index = Number(offset >> REGION_SHIFT);
  if (!shared || index > LAST_BAR) return "EINVAL";
  if (object.device.canMapBar(index) === false) return "EINVAL";
  // A BAR nobody told about: user space knows its size from before the trace began.
  const size = object.device.findBarSize(index);
  return size !== undefined && (offset & REGION_MASK) + length > size ? "EINVAL" : undefined;
}

/** The memory behind a mapped BAR: equal for every mapping of the same BAR of the same device. */
export function regionObject(machine: Machine, file: OpenFile, offset: bigint): MemoryObject {
  const { object } = file;
  const index = Number(offset >> REGION_SHIFT);
  if (!(object instanceof VfioDeviceFile)) {
    return { kind: "device", serial: machine.newSerial(), file };
  }
  return object.device.barObject(machine, index);
}

/** Offset in its BAR of a device file's mapping. */
export function regionOffset(offset: bigint): bigint {
  return offset & REGION_MASK;
}
