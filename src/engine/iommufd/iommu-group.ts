import type { IommufdContext } from "./context.js";
import type { Device } from "./device.js";
import type { HardwareDevice } from "./hardware-device.js";
import type { Hwpt } from "./hwpt.js";

/** One use of a domain by a PASID of a group; page faults are reported in its name. */
export interface AttachHandle {
  /** The device that made the attachment. */
  readonly device: Device;
}

/** A domain that a PASID of a group uses. PASID 0 stands for requests without one (the RID). */
export interface GroupAttachment {
  hwpt: Hwpt;
  /** Replaced when the domain is. */
  handle: AttachHandle;
  readonly devices: Set<Device>;
}

/**
 * Devices the IOMMU cannot tell apart: they share every domain, and belong to one owner at a time.
 *
 * @source struct iommufd_group, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export class IommuGroup {
  readonly members: HardwareDevice[] = [];
  readonly attached = new Map<number, GroupAttachment>();

  /** The iommufd that owns the group's DMA, while a member is bound. */
  get owner(): IommufdContext | undefined {
    return this.members.find((member) => member.bound !== undefined)?.bound?.context;
  }
}
