/** The first open of a device binds it to an iommufd, the last close takes it out again. */

import { assert } from "../assert.js";
import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import { IommufdContext } from "../iommufd/context.js";
import { bind, checkBind, Device, unbind } from "../iommufd/device.js";
import { restoreOnBind } from "../liveupdate/restore-on-bind.js";
import type { Machine } from "../machine.js";
import type { DevicePath } from "./device-file.js";
import type { PciDevice } from "./pci-device.js";
import { countOpenFunctions } from "./vf-token.js";

/** The context behind a descriptor's file, or undefined for a file of another kind. */
export function contextBehind(file: OpenFile): IommufdContext | undefined {
  return file.object instanceof IommufdContext ? file.object : undefined;
}

/** Whether the first open of a device can bind it to the iommufd behind `file`. */
export function checkOpenDevice(device: PciDevice, file: OpenFile): Errno | undefined {
  const context = contextBehind(file);
  return context === undefined ? "EBADFD" : checkBind(context, device.hardware);
}

/**
 * Binds the device under `id` and enables it. The bond holds the iommufd: closing its descriptor
 * does not end the context.
 *
 * @source vfio_df_device_first_open, drivers/vfio/vfio_main.c (v7.3.4)
 */
export function openDevice(
  machine: Machine,
  device: PciDevice,
  { file, id, path }: { readonly file: OpenFile; readonly id: number; readonly path: DevicePath },
): void {
  const context = contextBehind(file);
  assert(context !== undefined && device.bond === undefined, "a device is bound once");
  const object = new Device(context, machine.newSerial(), device.hardware);
  bind(object, id);
  device.bond = { object, iommufd: file.get() };
  device.open_count = 1;
  device.bound_through = path;
  countOpenFunctions(device, 1);
  // A device that ran through the update goes on running, where the design says so.
  const runs = device.arrived_as !== undefined && !machine.profile.restore.bind_stops_device;
  if (!runs) device.enable(machine);
  restoreOnBind(machine, device);
}

/**
 * One open less. The last one disables the device, detaches and unbinds it, and lets the iommufd
 * go, which may be the end of the context.
 *
 * @source vfio_df_device_last_close, drivers/vfio/vfio_main.c (v7.3.4)
 */
export function closeDevice(machine: Machine, device: PciDevice): void {
  assert(device.open_count > 0, `${device.name} was closed more often than opened`);
  device.open_count--;
  const { bond } = device;
  if (device.open_count > 0 || bond === undefined) return;
  device.bond = undefined;
  device.bound_through = undefined;
  countOpenFunctions(device, -1);
  device.disable(machine);
  device.attachments.detachAll(bond.object);
  unbind(bond.object);
  bond.iommufd.put(machine);
}
