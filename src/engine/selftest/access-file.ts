import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { FileObject } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import { Access, type AccessOwner } from "../iommufd/access.js";
import type { AccessPin } from "../iommufd/access-pins.js";
import type { IommufdContext } from "../iommufd/context.js";
import type { Machine } from "../machine.js";

/**
 * The descriptor of a selftest access: a software IOMMU user that tests drive by hand. It keeps its
 * iommufd alive. Pins have numbers that are never used again.
 *
 * @source struct selftest_access, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
export class SelftestAccessFile extends FileObject implements AccessOwner {
  readonly kind = "selftest_access";
  readonly access: Access;
  private readonly items = new Map<number, AccessPin>();
  private _nextItem = 0;

  constructor(
    context: IommufdContext,
    serial: number,
    /** The open file of the context. */
    readonly iommufd: OpenFile,
    needs_pin_pages: boolean,
  ) {
    super();
    this.access = new Access(context, serial, needs_pin_pages, this);
    iommufd.get();
  }

  override describe(): string {
    return `selftest access ${this.access.id} of ${this.access.context.describe()}`;
  }

  /** Number the next pin gets. */
  get nextItem(): number {
    return this._nextItem;
  }

  hold(pin: AccessPin): void {
    this.access.hold(pin);
    this.items.set(this._nextItem++, pin);
  }

  /** Drops the pin with this number; false when there is none. */
  drop(item: number): boolean {
    const pin = this.items.get(item);
    if (pin !== undefined) this.dropItem(item, pin);
    return pin !== undefined;
  }

  has(item: number): boolean {
    return this.items.has(item);
  }

  onUnmap(first: bigint, last: bigint): void {
    for (const [id, pin] of this.items) if (pin.meets(first, last)) this.dropItem(id, pin);
  }

  override onRelease(machine: Machine): void {
    this.access.close();
    this.iommufd.put(machine);
  }

  private dropItem(item: number, pin: AccessPin): void {
    this.items.delete(item);
    this.access.drop(pin);
  }
}

/** The selftest access behind a descriptor of the caller; rejects with EBADFD otherwise. */
export function accessFileOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  fd: number,
): SelftestAccessFile | undefined {
  const object = call.process.fds.get(fd)?.object;
  if (object instanceof SelftestAccessFile) return object;
  call.reject("EBADFD", `descriptor ${fd} is no selftest access`);
  return undefined;
}
