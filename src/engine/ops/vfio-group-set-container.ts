import { VFIO_GROUP_SET_CONTAINER } from "../abi/vfio.js";
import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import { Ioas } from "../iommufd/ioas.js";
import { isReadable } from "../vfio/argument.js";
import { contextBehind } from "../vfio/open-device.js";
import { groupOf } from "../vfio/vfio-group.js";
import { defineOp } from "./define.js";

type SetContainerCall = IoctlCall<typeof VFIO_GROUP_SET_CONTAINER>;

/**
 * VFIO_GROUP_SET_CONTAINER with an iommufd as container: the context gets a compat IOAS, unless it
 * has one.
 */
export const vfioGroupSetContainer = defineOp({
  layout: VFIO_GROUP_SET_CONTAINER,
  source: "vfio_group_ioctl_set_container, drivers/vfio/group.c (v7.3.4)",
  support: { level: "partial", missing: "type1 containers, no-iommu groups" },
  adopts: {},
  execute(call) {
    const file = call.process.fds.getUsable(call.args.container);
    const errno = check(call, file);
    if (errno !== undefined) call.reject(errno);
    else if (call.accept() && file !== undefined) commit(call, file);
  },
});

function check(call: SetContainerCall, file: OpenFile | undefined): Errno | undefined {
  if (!isReadable(call, call.layout.length_bytes)) return "EFAULT";
  if (file === undefined) return "EBADF";
  if (groupOf(call).container !== undefined) return "EINVAL";
  return contextBehind(file) === undefined ? "EBADFD" : undefined;
}

/** @source iommufd_vfio_compat_ioas_create, drivers/iommu/iommufd/vfio_compat.c (v7.3.4) */
function commit(call: SetContainerCall, file: OpenFile): void {
  const context = contextBehind(file);
  assert(context !== undefined, "the container is an iommufd");
  if (context.compatIoas === undefined) {
    const ioas = new Ioas(context, call.machine.newSerial());
    context.add(ioas, context.nextId());
    context.compatIoas = ioas;
  }
  groupOf(call).setContainer(call.machine, file);
}
