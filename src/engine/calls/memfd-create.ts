import { Call, O_RDWR } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { hasFreeFd } from "../file/free-fd.js";
import type { Machine } from "../machine.js";
import {
  createMemfd,
  hugePageBytes,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_HUGETLB,
  MFD_NOEXEC_SEAL,
} from "../memory/create-memfd.js";

const KNOWN_FLAGS = 0x1f;
const HUGE_MASK = 0xfc00_0000;
/** NAME_MAX without the prefix `memfd:`, in bytes. */
const NAME_MAX = 249;
const HUGE_SIZES: ReadonlySet<bigint> = new Set([2n << 20n, 1n << 30n]);

/**
 * memfd_create(2).
 *
 * @source mm/memfd.c (v7.3.4)
 */
export function memfdCreate(machine: Machine, event: EventOf<"memfd_create">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  if (!checkArguments(call) || !hasFreeFd(call)) return call;
  const { name, flags } = event;
  if ((flags & MFD_HUGETLB) !== 0 && !HUGE_SIZES.has(hugePageBytes(flags))) {
    call.reject("ENODEV", "no huge pages of this size");
    return call;
  }
  if (!call.accept()) return call;
  const memfd = createMemfd(machine, name, flags);
  const file = machine.newFile(memfd, O_RDWR);
  const observed = event.ret;
  const fd = call.installFile(observed, file, (flags & MFD_CLOEXEC) !== 0);
  call.ret = call.adopt("ret", fd, observed);
  machine.emit({ kind: "memfd_created", memfd, process, fd, file });
  return call;
}

function checkArguments(call: Call<EventOf<"memfd_create">>): boolean {
  const { name, flags } = call.event;
  const allowed = (flags & MFD_HUGETLB) === 0 ? KNOWN_FLAGS : KNOWN_FLAGS | HUGE_MASK;
  const exclusive = MFD_EXEC | MFD_NOEXEC_SEAL;
  if ((flags & ~allowed) !== 0) call.reject("EINVAL", "unknown flags");
  else if ((flags & exclusive) === exclusive) {
    call.reject("EINVAL", "MFD_EXEC and MFD_NOEXEC_SEAL exclude each other");
  } else if (Buffer.byteLength(name, "utf8") > NAME_MAX) call.reject("EINVAL", "name too long");
  else return true;
  return false;
}
