import { assert } from "../assert.js";
import { U64_MAX } from "../u64.js";
import type { AccessPin } from "./access-pins.js";
import type { IommufdContext } from "./context.js";
import type { Ioas } from "./ioas.js";
import { IommufdObject } from "./object.js";

/** Who made an access, and keeps what it pinned. */
export interface AccessOwner {
  /** Areas in `first..last` are to be unmapped: the pins that meet them are dropped. */
  onUnmap(first: bigint, last: bigint): void;
}

/**
 * A software user of an IOAS: selftest access fd, emulated VFIO device, HW_QUEUE. It counts as its
 * own user as long as its owner exists.
 *
 * @source struct iommufd_access, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export class Access extends IommufdObject {
  readonly type = "ACCESS";
  private _ioas: Ioas | undefined;
  private readonly _pins = new Set<AccessPin>();

  constructor(
    context: IommufdContext,
    serial: number,
    /** An access that pins pages needs page alignment; one that only copies bytes needs none. */
    readonly needs_pin_pages: boolean,
    readonly owner: AccessOwner,
  ) {
    super(context, serial);
    this.use();
  }

  get alignment(): bigint {
    return this.needs_pin_pages ? this.context.machine.page_size : 1n;
  }

  /** The IOAS it is attached to. */
  get ioas(): Ioas | undefined {
    return this._ioas;
  }

  get pins(): ReadonlySet<AccessPin> {
    return this._pins;
  }

  /** Attaches to an IOAS after `checkAddAccess`; an IOAS it had is left, and its pins dropped. */
  attach(ioas: Ioas): void {
    if (this._ioas === ioas) return;
    ioas.addAccess(this);
    this.detach();
    this._ioas = ioas;
  }

  /** Leaves its IOAS: the owner drops what it pinned there. */
  detach(): void {
    if (this._ioas === undefined) return;
    this.onUnmap(0n, U64_MAX);
    assert(this._pins.size === 0, `access ${this.id} kept pins of an IOAS it left`);
    this._ioas.removeAccess(this);
    this._ioas = undefined;
  }

  /** Areas in `first..last` are to be unmapped. */
  onUnmap(first: bigint, last: bigint): void {
    this.owner.onUnmap(first, last);
  }

  /** Takes pages that `planPin` found. */
  hold(pin: AccessPin): void {
    pin.take();
    this._pins.add(pin);
    this.context.machine.emit({ kind: "access_pinned", access: this, pin });
  }

  /** Gives pages back. */
  drop(pin: AccessPin): void {
    assert(this._pins.delete(pin), `access ${this.id} does not hold this pin`);
    pin.release();
    this.context.machine.emit({ kind: "access_unpinned", access: this, pin });
  }

  /** The owner is gone; the context removes the object and its id. */
  close(): void {
    this.unuse();
    this.context.remove(this);
  }

  override destroy(): void {
    this.detach();
  }
}
