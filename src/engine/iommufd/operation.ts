/** What several iommufd operations need of their call. */

import type { StructLayout, StructValues } from "../abi/layout.js";
import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import { IommufdContext } from "./context.js";
import type { Ioas } from "./ioas.js";

export function contextOf<L extends StructLayout>(call: IoctlCall<L>): IommufdContext {
  const { object } = call.file;
  assert(object instanceof IommufdContext, "the operation belongs to an iommufd");
  return object;
}

/** The IOAS with this id; rejects with ENOENT when there is none. */
export function ioasOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  id: number,
): Ioas | undefined {
  const ioas = contextOf(call).findTyped<Ioas>(id, "IOAS");
  if (ioas === undefined) call.reject("ENOENT", `no IOAS has id ${id}`);
  return ioas;
}

/**
 * Success of an operation that stays done even when its answer cannot be written back: then the
 * caller gets EFAULT and the changes are there all the same.
 *
 * @param apply Makes the changes and returns the fields to write.
 */
export function commit<L extends StructLayout>(
  call: IoctlCall<L>,
  apply: () => StructValues,
): void {
  if (call.canWriteBack()) {
    if (call.accept()) call.write(apply());
    return;
  }
  if (fails(call, "EFAULT", "the answer cannot be written back; the call stays done")) apply();
}

/**
 * Predicts a failure that leaves changes behind; true when they are to be made, which is unless the
 * trace shows another failure.
 */
export function fails<L extends StructLayout>(
  call: IoctlCall<L>,
  errno: Errno,
  why: string,
): boolean {
  call.reject(errno, why);
  return !call.observedFailure || call.observedErrno === errno;
}
