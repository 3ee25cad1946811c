import type { Call } from "../call/call.js";

/**
 * The check that comes first in every call that makes a descriptor: EMFILE when the lowest free
 * number is not below RLIMIT_NOFILE. False when it rejected the call.
 *
 * @source get_unused_fd_flags, fs/file.c (v7.3.4)
 */
export function hasFreeFd(call: Call): boolean {
  const { fds, rlimit_nofile } = call.process;
  // As many descriptors as the limit must be open before the lowest free number can reach it.
  if (BigInt(fds.size) < rlimit_nofile) return true;
  if (BigInt(fds.lowestFree()) < rlimit_nofile) return true;
  call.reject("EMFILE", `no descriptor below RLIMIT_NOFILE (${rlimit_nofile}) is free`);
  return false;
}
