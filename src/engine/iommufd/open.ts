/** Opening /dev/iommu, and /dev/vfio/vfio where iommufd serves it. */

import { type Call, O_CLOEXEC } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { hasFreeFd } from "../file/free-fd.js";
import { IommufdContext } from "./context.js";

/**
 * A new context without objects. `/dev/vfio/vfio` starts in the accounting mode of old VFIO users.
 *
 * @source iommufd_fops_open, drivers/iommu/iommufd/main.c (v7.3.4)
 */
export function openIommufd(
  call: Call<EventOf<"open">>,
  path: "/dev/iommu" | "/dev/vfio/vfio",
): void {
  const { machine, process, event } = call;
  if (!hasFreeFd(call)) return;
  const fd = call.adopt("ret", process.fds.lowestFree(), event.ret);
  if (!call.accept(fd)) return;
  const context = new IommufdContext(machine, machine.newSerial(), path);
  const file = machine.newFile(context, event.flags);
  machine.installFd(process, fd, file, (event.flags & O_CLOEXEC) !== 0);
}
