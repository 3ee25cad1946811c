import type { Device } from "./device.js";
import { IommufdObject } from "./object.js";
import type { Viommu } from "./viommu.js";

/**
 * A device as the guest of a vIOMMU knows it. When the device is unbound it goes too, and its id
 * stays blocked.
 *
 * @source struct iommufd_vdevice, include/linux/iommufd.h (v7.3.4)
 */
export class Vdevice extends IommufdObject {
  readonly type = "VDEVICE";

  constructor(
    serial: number,
    readonly viommu: Viommu,
    readonly device: Device,
    readonly virt_id: bigint,
  ) {
    super(viommu.context, serial);
  }

  publish(id: number): void {
    this.viommu.vdevices.set(this.virt_id, this);
    this.viommu.use();
    this.device.vdevice = this;
    this.device.use();
    this.context.add(this, id);
  }

  override destroy(): void {
    this.viommu.vdevices.delete(this.virt_id);
    this.viommu.unuse();
    this.device.vdevice = undefined;
    this.device.unuse();
  }
}
