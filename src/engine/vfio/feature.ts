import type { VFIO_DEVICE_FEATURE } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { argszOf } from "./argument.js";

export const FEATURE_GET = 1 << 16;
export const FEATURE_SET = 1 << 17;
export const FEATURE_PROBE = 1 << 18;

/**
 * The check that every feature makes: only operations it supports; PROBE ends here with success;
 * the payload must have room. True when the feature's own work is to be done.
 *
 * @source vfio_check_feature, include/linux/vfio.h (v7.3.4)
 */
export function checkFeature(
  call: IoctlCall<typeof VFIO_DEVICE_FEATURE>,
  supported: number,
  payload_bytes: number,
): boolean {
  const { flags } = call.args;
  const asked = flags & (FEATURE_GET | FEATURE_SET);
  if ((asked & ~supported) !== 0) {
    call.reject("EINVAL", "the feature does not support this operation");
    return false;
  }
  if ((flags & FEATURE_PROBE) !== 0) {
    call.accept();
    return false;
  }
  if (asked === 0) {
    call.reject("EINVAL", "neither GET nor SET");
    return false;
  }
  if (argszOf(call) - call.layout.length_bytes < payload_bytes) {
    call.reject("EINVAL", `the payload is shorter than ${payload_bytes} bytes`);
    return false;
  }
  return true;
}
