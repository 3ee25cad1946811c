import type { IoctlCall } from "../call/ioctl-call.js";
import { deviceOf } from "./device-file.js";

/**
 * False, and the call rejected, while a device of the group is preserved with its domain: the
 * record would name a table that the hardware no longer uses.
 *
 * @source vfio_iommufd_physical_attach_ioas, drivers/vfio/iommufd.c (IOMMU live update v5)
 */
export function mayChangeAttachment(call: IoctlCall): boolean {
  const { group } = deviceOf(call).hardware;
  const errno = call.machine.profile.immutable.change_preserved_device;
  if (errno === undefined || group.preserved_devices === 0) return true;
  call.reject(errno, "a device of the group is preserved with its domain");
  return false;
}
