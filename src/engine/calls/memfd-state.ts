import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { memfdAt } from "../memory/memfd-fd.js";

const FD_CLOEXEC = 1;
/** st_blocks counts units of 512 bytes. */
const BLOCK_BYTES = 512n;

/** What fstat, fcntl, lseek and a read of the contents showed of a memfd, against the model. */
export function memfdState(machine: Machine, event: EventOf<"memfd_state">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const target = memfdAt(process, event.fd);
  if (target === undefined) {
    call.unjudged();
    return call;
  }
  const { file, memfd } = target;
  const cloexec = process.fds.entry(event.fd)?.cloexec;
  call.claims = {
    size: Number(memfd.size_bytes),
    seals: memfd.seals,
    mode: memfd.mode,
    links: memfd.links,
    blocks: Number((memfd.pages.present.count * memfd.pages.page_bytes) / BLOCK_BYTES),
  };
  if (cloexec !== undefined) call.claim("fd_flags", cloexec ? FD_CLOEXEC : 0);
  if (event.position >= 0) call.claim("position", Number(file.position));
  const hash = memfd.pages.fnv1a64(BigInt(event.hashed_bytes));
  if (hash !== undefined && event.hashed_bytes > 0) call.claim("fnv1a64", hash);
  return call;
}
