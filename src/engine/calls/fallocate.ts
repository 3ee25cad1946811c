import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { GuestMemfd } from "../kvm/guest-memfd.js";
import type { Machine } from "../machine.js";
import { F_SEAL_GROW, type Memfd, NO_WRITE_SEALS } from "../memory/memfd.js";
import { isWritable, memfdAt } from "../memory/memfd-fd.js";
import { OFFSET_MAX } from "../memory/offset.js";
import { fallocateGuestMemfd } from "./fallocate-guest-memfd.js";

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
const FALLOC_FL_COLLAPSE_RANGE = 8;
const FALLOC_FL_ZERO_RANGE = 0x10;
const FALLOC_FL_INSERT_RANGE = 0x20;
const FALLOC_FL_UNSHARE_RANGE = 0x40;
const FALLOC_FL_WRITE_ZEROES = 0x80;

/** Which modes a file system may be asked for, each with what it demands of KEEP_SIZE. */
const MODES: ReadonlyMap<number, "can" | "must" | "must_not"> = new Map([
  [0, "can"],
  [FALLOC_FL_UNSHARE_RANGE, "can"],
  [FALLOC_FL_ZERO_RANGE, "can"],
  [FALLOC_FL_PUNCH_HOLE, "must"],
  [FALLOC_FL_COLLAPSE_RANGE, "must_not"],
  [FALLOC_FL_INSERT_RANGE, "must_not"],
  [FALLOC_FL_WRITE_ZEROES, "must_not"],
]);

/**
 * fallocate(2) of a memfd: allocates pages or punches a hole.
 *
 * @source vfs_fallocate, fs/open.c and shmem_fallocate, mm/shmem.c (v7.3.4)
 */
export function fallocate(machine: Machine, event: EventOf<"fallocate">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const target = memfdAt(process, event.fd);
  if (target === undefined) {
    const object = process.fds.getUsable(event.fd)?.object;
    if (object instanceof GuestMemfd) fallocateGuestMemfd(call, object);
    else call.unjudged();
    return call;
  }
  const { memfd, file } = target;
  const allowed = checkRequest(call, isWritable(file)) && checkFile(call, memfd);
  if (allowed ? !call.accept() : !call.observedSuccess) return call;
  if ((event.mode & FALLOC_FL_PUNCH_HOLE) !== 0) memfd.punch(machine, event.offset, event.length);
  else allocate(machine, memfd, event);
  return call;
}

/** What the kernel checks before it asks the file system. */
function checkRequest(call: Call<EventOf<"fallocate">>, writable: boolean): boolean {
  const { mode, offset, length } = call.event;
  const keepSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  const rule = MODES.get(mode & ~FALLOC_FL_KEEP_SIZE);
  if (offset > OFFSET_MAX || length === 0n || length > OFFSET_MAX) {
    call.reject("EINVAL", "negative offset, or length not above 0");
  } else if (rule === undefined || rule === (keepSize ? "must_not" : "must")) {
    call.reject("EOPNOTSUPP", "no such mode");
  } else if (!writable) call.reject("EBADF", "the descriptor is read-only");
  else if (offset + length > OFFSET_MAX) call.reject("EFBIG", "the range ends too far");
  else return true;
  return false;
}

function checkFile(call: Call<EventOf<"fallocate">>, memfd: Memfd): boolean {
  const { mode, offset, length } = call.event;
  const punch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  if (!punch && (mode & ~FALLOC_FL_KEEP_SIZE) !== 0) {
    call.reject("EOPNOTSUPP", "tmpfs does not have this mode");
  } else if (memfd.frozen) call.reject("EPERM", "the file is preserved");
  else if (punch && memfd.hasSeal(NO_WRITE_SEALS)) call.reject("EPERM", "sealed against writing");
  else if (!punch && memfd.hasSeal(F_SEAL_GROW) && offset + length > memfd.size_bytes) {
    call.reject("EPERM", "F_SEAL_GROW");
  } else return true;
  return false;
}

function allocate(machine: Machine, memfd: Memfd, event: EventOf<"fallocate">): void {
  const end = event.offset + event.length;
  memfd.pages.allocate(memfd.pages.pageOf(event.offset), memfd.pages.pageOf(end - 1n));
  const keepSize = (event.mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if (!keepSize && end > memfd.size_bytes) memfd.resize(machine, end);
}
