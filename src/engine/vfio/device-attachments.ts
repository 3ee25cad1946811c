import { detach } from "../iommufd/attach.js";
import type { Device } from "../iommufd/device.js";

/**
 * What VFIO itself remembers of a device's attachments, besides iommufd: whether the RID is
 * attached, and which PASIDs are. It decides between attach and replace.
 *
 * @source drivers/vfio/iommufd.c (v7.3.4)
 */
export class DeviceAttachments {
  private rid = false;
  private readonly pasids = new Set<number>();

  /** @param pasid Undefined for requests without one (the RID). */
  has(pasid: number | undefined): boolean {
    return pasid === undefined ? this.rid : this.pasids.has(pasid);
  }

  /** An attach or replace went through. */
  add(pasid: number | undefined): void {
    if (pasid === undefined) this.rid = true;
    else this.pasids.add(pasid);
  }

  /** Detaches what VFIO attached; what it did not attach stays. */
  detach(device: Device, pasid: number | undefined): void {
    if (!this.has(pasid)) return;
    detach(device, pasid ?? 0);
    if (pasid === undefined) this.rid = false;
    else this.pasids.delete(pasid);
  }

  /** The device is closed: PASIDs ascending, then the RID. */
  detachAll(device: Device): void {
    for (const pasid of [...this.pasids].sort((a, b) => a - b)) this.detach(device, pasid);
    this.detach(device, undefined);
  }
}
