/** Reading and writing the argument of a VFIO ioctl: `argsz` says how much the caller gave. */

import type { IoctlCall } from "../call/ioctl-call.js";

/** True when the kernel can read the first `length_bytes` bytes of the argument. */
export function isReadable(call: IoctlCall, length_bytes: number): boolean {
  const { arg, in: fields } = call.event;
  if (fields === null || fields === undefined) return false;
  return arg === undefined || call.process.mm.isReadable(arg, BigInt(length_bytes));
}

/** True when the kernel can write `length_bytes` bytes at `offset` of the argument. */
export function isWritable(call: IoctlCall, offset: number, length_bytes: number): boolean {
  const { arg } = call.event;
  if (arg === undefined) return true;
  return call.process.mm.isWritable(arg + BigInt(offset), BigInt(length_bytes));
}

/** What the caller says about the length of its struct; the whole struct where it says nothing. */
export function argszOf(call: Pick<IoctlCall, "size">): number {
  return call.size ?? 0;
}

/**
 * The front of every VFIO ioctl with a struct: the minimum is copied, EFAULT; then argsz is looked
 * at, EINVAL. Bytes beyond what an operation needs are not looked at. False when it rejected.
 */
export function checkArgument(call: IoctlCall): boolean {
  const { minimum_bytes } = call.layout;
  if (!isReadable(call, minimum_bytes)) {
    call.reject("EFAULT", "the argument cannot be read");
    return false;
  }
  if (argszOf(call) < minimum_bytes) {
    call.reject("EINVAL", `argsz is below ${minimum_bytes}`);
    return false;
  }
  return true;
}
