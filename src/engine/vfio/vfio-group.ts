import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { FileObject } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";

/**
 * An IOMMU group as VFIO serves it: /dev/vfio/N. One process at a time may have it open, and none
 * while a device of the group is bound through its cdev.
 *
 * @source struct vfio_group, drivers/vfio/group.c (v7.3.4)
 */
export class VfioGroup {
  /** The open /dev/vfio/N, if any. */
  opened: VfioGroupFile | undefined;
  /** The iommufd that serves as container; the group holds a reference to it. */
  container: OpenFile | undefined;

  constructor(readonly number: number) {}

  setContainer(machine: Machine, container: OpenFile | undefined): void {
    const old = this.container;
    this.container = container?.get();
    old?.put(machine);
  }
}

/** An open /dev/vfio/N. */
export class VfioGroupFile extends FileObject {
  readonly kind = "vfio_group";
  constructor(readonly group: VfioGroup) {
    super();
    group.opened = this;
  }

  override describe(): string {
    return `/dev/vfio/${this.group.number}`;
  }

  override onRelease(machine: Machine): void {
    this.group.opened = undefined;
    this.group.setContainer(machine, undefined);
  }
}

/** The group behind the descriptor of a call that the dispatcher let through. */
export function groupOf(call: Pick<IoctlCall, "file">): VfioGroup {
  const { object } = call.file;
  assert(object instanceof VfioGroupFile, "a VFIO group ioctl on another kind of file");
  return object.group;
}
