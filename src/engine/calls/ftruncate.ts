import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { F_SEAL_GROW, F_SEAL_SHRINK, type Memfd } from "../memory/memfd.js";
import { isWritable, memfdAt } from "../memory/memfd-fd.js";
import { OFFSET_MAX } from "../memory/offset.js";

/**
 * ftruncate(2) of a memfd. A size that does not change is allowed whatever the seals.
 *
 * @source shmem_setattr, mm/shmem.c and hugetlbfs_setattr, fs/hugetlbfs/inode.c (v7.3.4)
 */
export function ftruncate(machine: Machine, event: EventOf<"ftruncate">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const target = memfdAt(process, event.fd);
  if (target === undefined) {
    call.unjudged();
    return call;
  }
  const { memfd, file } = target;
  if (event.length > OFFSET_MAX) call.reject("EINVAL", "negative length");
  else if (!isWritable(file)) call.reject("EINVAL", "the descriptor is read-only");
  else if (!checkResize(call, memfd, event.length)) return followResize(call, memfd);
  else if (call.accept()) memfd.resize(machine, event.length);
  return call;
}

function checkResize(call: Call, memfd: Memfd, size_bytes: bigint): boolean {
  if (size_bytes % memfd.pages.page_bytes !== 0n && memfd.origin === "hugetlb") {
    call.reject("EINVAL", "the size is no multiple of the huge page size");
  } else if (size_bytes < memfd.size_bytes && memfd.hasSeal(F_SEAL_SHRINK)) {
    call.reject("EPERM", "F_SEAL_SHRINK");
  } else if (size_bytes > memfd.size_bytes && memfd.hasSeal(F_SEAL_GROW)) {
    call.reject("EPERM", "F_SEAL_GROW");
  } else if (size_bytes !== memfd.size_bytes && memfd.frozen) {
    call.reject("EPERM", "the file is preserved");
  } else return true;
  return false;
}

/** Where the kernel did resize, the size is what it was told. */
function followResize(call: Call<EventOf<"ftruncate">>, memfd: Memfd): Call {
  if (call.observedSuccess) memfd.resize(call.machine, call.event.length);
  return call;
}
