import { type Call, O_CLOEXEC } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { openOther } from "../file/open-other.js";
import { createTmpfsFile } from "./create-memfd.js";
import type { Memfd } from "./memfd.js";

const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
/** O_TMPFILE without its O_DIRECTORY part. */
const O_TMPFILE = 0o20000000;
/** The usual umask; the real one is not recorded. */
const UMASK = 0o022;

/**
 * open(2) below /dev/shm: files on tmpfs, which LUO takes once they have no name. What was there
 * before the trace began is not known, so the result is not claimed.
 */
export function openTmpfs(call: Call<EventOf<"open">>): void {
  const { machine, event, process } = call;
  const known = machine.tmpfs.get(event.path);
  const creates = (event.flags & (O_CREAT | O_TMPFILE)) !== 0;
  if (known === undefined && !creates) {
    openOther(call);
    return;
  }
  call.unjudged();
  if (!call.accept()) return;
  const memfd = known ?? create(call);
  if ((event.flags & O_TRUNC) !== 0 && memfd.size_bytes > 0n) memfd.resize(machine, 0n);
  const file = machine.newFile(memfd, event.flags);
  const fd = call.installFile(event.ret, file, (event.flags & O_CLOEXEC) !== 0);
  call.ret = call.adopt("ret", fd, event.ret);
  if (known === undefined) machine.emit({ kind: "memfd_created", memfd, process, fd, file });
}

function create(call: Call<EventOf<"open">>): Memfd {
  const { machine, event } = call;
  const mode = (event.mode ?? 0) & ~UMASK;
  const unnamed = (event.flags & O_TMPFILE) !== 0;
  const memfd = createTmpfsFile(machine, event.path, { mode, links: unnamed ? 0 : 1 });
  if (!unnamed) machine.tmpfs.set(event.path, memfd);
  return memfd;
}
