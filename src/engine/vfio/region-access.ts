/** read, write and mmap of a VFIO device: the offset holds the region's index in its upper bits. */

import type { Call } from "../call/call.js";
import type { Errno } from "../errno.js";
import type { EventOf } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import { VfioDeviceFile } from "./device-file.js";
import { CONFIG_REGION, LAST_BAR, type PciDevice, ROM_REGION } from "./pci-device.js";

type Transfer = EventOf<"read" | "write" | "pread" | "pwrite">;

const REGION_SHIFT = 40n;
const REGION_MASK = (1n << REGION_SHIFT) - 1n;
const PCI_REGIONS = 9;
/** Config space of a conventional device; where GET_REGION_INFO was not asked. */
const CONFIG_BYTES = 256n;
const COMMAND_REGISTER = 4n;
const O_ACCMODE = 3;
const O_WRONLY = 1;

/**
 * read(2), write(2), pread(2), pwrite(2) on a VFIO device. What the device answers to a read is
 * hardware and not claimed; a store to the command register switches memory decoding and bus
 * mastering.
 *
 * @source vfio_pci_rw, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)
 */
export function transferRegion(call: Call<Transfer>, file: OpenFile, write: boolean): void {
  const { object } = file;
  if (!(object instanceof VfioDeviceFile)) return;
  const access = file.flags & O_ACCMODE;
  if (write ? access === 0 : access === O_WRONLY) {
    call.reject("EBADF", "the descriptor was not opened for this");
    return;
  }
  if (!object.access_granted) {
    call.reject("EINVAL", "the device is not bound");
    return;
  }
  const at = call.event.offset ?? file.position;
  const index = Number(at >> REGION_SHIFT);
  const offset = at & REGION_MASK;
  const { device } = object;
  const length = transferable(device, index, offset, call.event.count, write);
  if (typeof length === "string") {
    call.reject(length);
    return;
  }
  if (!call.accept(length)) return;
  if (call.event.offset === undefined) file.position += length;
  if (write && index === CONFIG_REGION) storeConfig(call, device, offset);
}

/** The number of bytes the driver moves, or why it moves none. */
function transferable(
  device: PciDevice,
  index: number,
  offset: bigint,
  count: bigint,
  write: boolean,
): bigint | Errno {
  if (index >= PCI_REGIONS) return "EINVAL";
  if (count === 0n) return 0n;
  if (index === CONFIG_REGION) {
    const size = device.regions.get(index)?.length_bytes ?? CONFIG_BYTES;
    return offset + count > size ? "EFAULT" : count;
  }
  if (index > CONFIG_REGION || (index === ROM_REGION && write)) return "EINVAL";
  const size =
    index <= LAST_BAR ? device.findBarSize(index) : device.regions.get(index)?.length_bytes;
  // A region nobody asked about may be there; only its end is not known.
  if (size === undefined) return offset === 0n ? count : "EINVAL";
  if (offset >= size) return "EINVAL";
  if (index <= LAST_BAR && !device.decoding) return "EIO";
  return offset + count > size ? size - offset : count;
}

function storeConfig(call: Call<Transfer>, device: PciDevice, offset: bigint): void {
  const { data } = call.event;
  if (data === undefined) return;
  const index = Number(COMMAND_REGISTER - offset);
  const low = data[index];
  if (index < 0 || low === undefined) return;
  device.writeCommand(call.machine, low);
}
