import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { FileObject } from "../file/file-object.js";
import { bootText, Lineage, lineageText } from "../lineage.js";
import type { Machine } from "../machine.js";
import { closeDevice } from "./open-device.js";
import type { PciDevice } from "./pci-device.js";

/** How a device descriptor was made; only a cdev can bind and attach by itself. */
export type DevicePath = "cdev" | "group";

/**
 * An open VFIO device. Through a cdev nothing is claimed until BIND_IOMMUFD; through a group the
 * device is bound and attached before the descriptor exists.
 *
 * @source struct vfio_device_file, drivers/vfio/vfio_main.c (v7.3.4)
 */
export class VfioDeviceFile extends FileObject {
  readonly kind = "vfio_device";
  /** The device is bound through this file: other ioctls than BIND, and mmap, work. */
  access_granted = false;

  constructor(
    readonly device: PciDevice,
    readonly path: DevicePath,
    /** The kernel it is open in. */
    readonly epoch: number,
    /** That of the file that was preserved; default: it is a new one. */
    override readonly lineage = new Lineage("device", device.name, 1),
  ) {
    super();
  }

  override describe(): string {
    // Its address may have become known since, or have changed with the kernel.
    const { name } = this.device;
    return lineageText({ ...this.lineage, name }) + bootText(this.epoch);
  }

  override onRelease(machine: Machine): void {
    if (this.access_granted) closeDevice(machine, this.device);
    this.access_granted = false;
  }
}

/** The file behind the descriptor of a call that the dispatcher let through. */
export function deviceFileOf(call: Pick<IoctlCall, "file">): VfioDeviceFile {
  const { object } = call.file;
  assert(object instanceof VfioDeviceFile, "a VFIO device ioctl on another kind of file");
  return object;
}

export function deviceOf(call: Pick<IoctlCall, "file">): PciDevice {
  return deviceFileOf(call).device;
}
