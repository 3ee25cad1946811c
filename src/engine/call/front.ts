import type { IoctlCall } from "./ioctl-call.js";

/**
 * The common front of "struct with a size word" ioctls, after the request number was accepted.
 * False when it rejected the call.
 *
 * Checks in order: size below the minimum EINVAL; bytes behind the struct that are not zero E2BIG;
 * bytes that cannot be read EFAULT. There is no upper limit on size. The size word itself must have
 * been readable (EFAULT before).
 *
 * @source copy_struct_from_user and iommufd_fops_ioctl, drivers/iommu/iommufd/main.c (v7.3.4)
 */
export function checkStructSize(call: IoctlCall): boolean {
  const size = call.size ?? 0;
  if (size < call.layout.minimum_bytes) {
    call.reject("EINVAL", `size ${size} is below the minimum ${call.layout.minimum_bytes}`);
    return false;
  }
  if (size > call.layout.length_bytes && call.event.tail?.some((byte) => byte !== 0) === true) {
    call.reject("E2BIG", "bytes behind the struct are not zero");
    return false;
  }
  const { arg } = call.event;
  if (arg !== undefined && !call.process.mm.isReadable(arg, BigInt(size))) {
    call.reject("EFAULT", "the struct cannot be read to its end");
    return false;
  }
  return true;
}
