import type { Errno } from "../errno.js";
import { detach } from "./attach.js";
import type { IommufdContext } from "./context.js";
import { checkReservation, leaveGroup, takeGroup } from "./group-owner.js";
import type { HardwareDevice } from "./hardware-device.js";
import type { GroupAttachment, IommuGroup } from "./iommu-group.js";
import { IommufdObject } from "./object.js";
import type { Vdevice } from "./vdevice.js";

/** A device that is bound to an iommufd. Its driver counts as a user as long as it is. */
export class Device extends IommufdObject {
  readonly type = "DEVICE";
  /** Its virtual twin, in any vIOMMU. */
  vdevice: Vdevice | undefined;

  constructor(
    context: IommufdContext,
    serial: number,
    readonly hardware: HardwareDevice,
  ) {
    super(context, serial);
  }

  get group(): IommuGroup {
    return this.hardware.group;
  }

  /** What this device itself has attached at a PASID; 0 is the RID. */
  attachment(pasid: number): GroupAttachment | undefined {
    const attachment = this.group.attached.get(pasid);
    return attachment?.devices.has(this) === true ? attachment : undefined;
  }

  /** PASIDs with something attached by this device, ascending. */
  attachedPasids(): number[] {
    return [...this.group.attached]
      .filter(([, attachment]) => attachment.devices.has(this))
      .map(([pasid]) => pasid)
      .sort((a, b) => a - b);
  }

  override destroy(): void {}
}

/**
 * Whether the core lets a device be bound: EINVAL without cache coherency; EPERM when interrupts
 * are not isolated or another iommufd owns the group; EINVAL when the device needs 1:1 mappings.
 *
 * @source iommufd_device_bind, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export function checkBind(context: IommufdContext, hardware: HardwareDevice): Errno | undefined {
  if (!hardware.capabilities.cache_coherency) return "EINVAL";
  if (!hardware.capabilities.isolated_msi) return "EPERM";
  const { owner } = hardware.group;
  if (owner !== undefined && owner !== context) return "EPERM";
  const foreign = checkReservation(context, hardware.group);
  if (foreign !== undefined) return foreign;
  if (hardware.reserved.some((region) => region.kind === "direct")) return "EINVAL";
  return undefined;
}

/** Publishes a device that passed `checkBind`. */
export function bind(device: Device, id: number): void {
  const { context, hardware, group } = device;
  const before = group.dma_owner;
  device.use();
  hardware.bound = device;
  context.add(device, id);
  takeGroup(device, before);
  context.machine.emit({ kind: "device_bound", device });
}

/**
 * Takes a device out of its iommufd: what it had attached is detached, its virtual twin goes and
 * leaves its id blocked.
 */
export function unbind(device: Device): void {
  const { context, hardware, group } = device;
  for (const pasid of device.attachedPasids()) detach(device, pasid);
  if (device.vdevice !== undefined) context.tombstone(device.vdevice);
  const before = group.dma_owner;
  hardware.bound = undefined;
  leaveGroup(device, before);
  device.unuse();
  context.remove(device);
  context.machine.emit({ kind: "device_unbound", device });
}
