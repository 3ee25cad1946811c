import { Access, type AccessOwner } from "./access.js";
import type { AccessPin } from "./access-pins.js";
import { IommufdObject } from "./object.js";
import type { Viommu } from "./viommu.js";

/**
 * A guest's queue that the hardware reads directly: its memory is pinned, and the areas it lies in
 * cannot be unmapped.
 *
 * @source struct iommufd_hw_queue, include/linux/iommufd.h (v7.3.4)
 */
export class HwQueue extends IommufdObject implements AccessOwner {
  readonly type = "HW_QUEUE";
  /** Pins the memory; an object of its own with an id that nobody is told. */
  readonly access: Access;
  private pin: AccessPin | undefined;

  constructor(
    serial: number,
    readonly viommu: Viommu,
    readonly index: number,
    /** The queue with the next lower index, which must outlive this one. */
    readonly depends_on: HwQueue | undefined,
  ) {
    super(viommu.context, serial);
    const { context } = viommu;
    this.access = new Access(context, context.machine.newSerial(), true, this);
  }

  /** Takes the pages and becomes visible; the access gets the next free id after the queue's. */
  publish(id: number, pin: AccessPin): void {
    this.context.add(this, id);
    this.context.add(this.access, this.context.nextId());
    this.access.attach(pin.ioas);
    this.access.hold(pin);
    this.pin = pin;
    this.viommu.queues.set(this.index, this);
    this.viommu.use();
    this.depends_on?.use();
  }

  override destroy(): void {
    this.viommu.queues.delete(this.index);
    this.depends_on?.unuse();
    this.access.close();
    this.viommu.unuse();
  }

  /** Its areas cannot be unmapped while it is there: this is its end. */
  onUnmap(): void {
    if (this.pin !== undefined) this.access.drop(this.pin);
    this.pin = undefined;
  }
}
