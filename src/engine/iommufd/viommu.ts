import type { IommufdContext } from "./context.js";
import type { HwQueue } from "./hw-queue.js";
import type { HwptPaging } from "./hwpt.js";
import type { IommuUnit } from "./iommu-unit.js";
import type { MmapRegion } from "./mmap-region.js";
import type { ViommuSupport } from "./nesting.js";
import { IommufdObject } from "./object.js";
import type { Vdevice } from "./vdevice.js";
import type { Veventq } from "./veventq.js";

/**
 * A slice of an IOMMU that belongs to one guest, on top of a nest parent.
 *
 * @source struct iommufd_viommu, include/linux/iommufd.h (v7.3.4)
 */
export class Viommu extends IommufdObject {
  readonly type = "VIOMMU";
  /** Virtual twins of devices, by the number the guest knows them by. */
  readonly vdevices = new Map<bigint, Vdevice>();
  /** Event queues by event type. */
  readonly veventqs = new Map<number, Veventq>();
  /** Hardware queues by index. */
  readonly queues = new Map<number, HwQueue>();
  /** Pages user space can map, where the driver offers some. */
  region: MmapRegion | undefined;

  constructor(
    context: IommufdContext,
    serial: number,
    /** The nest parent. */
    readonly hwpt: HwptPaging,
    readonly support: ViommuSupport,
  ) {
    super(context, serial);
  }

  get unit(): IommuUnit {
    return this.hwpt.unit;
  }

  publish(id: number): void {
    this.hwpt.use();
    this.context.add(this, id);
  }

  override destroy(): void {
    this.region?.remove();
    this.hwpt.unuse();
  }
}
