/** The front of the VFIO compat ioctls: struct, size and flags, then the compat IOAS. */

import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Ioas } from "./ioas.js";
import { contextOf } from "./operation.js";

/**
 * EFAULT for a struct that cannot be read, EINVAL below the minimum size or with unknown flags,
 * ENODEV without a compat IOAS. Undefined when it rejected the call.
 */
export function compatIoasOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  flags: number,
  known_flags: number,
): Ioas | undefined {
  const { event, layout } = call;
  if (event.in === null || event.in === undefined) {
    call.reject("EFAULT", "the struct cannot be read");
  } else if ((call.size ?? 0) < layout.minimum_bytes) {
    call.reject("EINVAL", `argsz is below ${layout.minimum_bytes}`);
  } else if ((flags & ~known_flags) !== 0) call.reject("EINVAL", "unknown flags");
  else {
    const ioas = contextOf(call).compatIoas;
    if (ioas === undefined) call.reject("ENODEV", "no compat IOAS is set");
    return ioas;
  }
  return undefined;
}
