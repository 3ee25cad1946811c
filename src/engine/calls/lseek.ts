import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { Errno } from "../errno.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { Memfd } from "../memory/memfd.js";
import { type MemfdFd, memfdAt } from "../memory/memfd-fd.js";
import { OFFSET_MAX } from "../memory/offset.js";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/**
 * lseek(2) on a memfd, data and holes included.
 *
 * @source shmem_file_llseek, mm/shmem.c and mapping_seek_hole_data, mm/filemap.c (v7.3.4)
 */
export function lseek(machine: Machine, event: EventOf<"lseek">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  machine.seeks_recorded = true;
  const target = memfdAt(process, event.fd);
  if (target === undefined) {
    call.unjudged();
    return call;
  }
  const position = newPosition(target, BigInt(event.offset), event.whence);
  if (typeof position === "string") call.reject(position);
  else if (call.accept(position)) target.file.position = position;
  if (call.observedSuccess && event.ret !== undefined) target.file.position = BigInt(event.ret);
  return call;
}

function newPosition({ file, memfd }: MemfdFd, offset: bigint, whence: number): bigint | Errno {
  switch (whence) {
    case SEEK_SET:
      return inRange(offset);
    case SEEK_CUR:
      return inRange(file.position + offset);
    case SEEK_END:
      return inRange(memfd.size_bytes + offset);
    case SEEK_DATA:
    case SEEK_HOLE:
      if (offset < 0n || offset >= memfd.size_bytes) return "ENXIO";
      return memfd.origin === "hugetlb"
        ? seekWithoutHoles(memfd, offset, whence)
        : seekPages(memfd, offset, whence);
    default:
      return "EINVAL";
  }
}

function inRange(position: bigint): bigint | Errno {
  return position < 0n || position > OFFSET_MAX ? "EINVAL" : position;
}

/** A file system that does not know holes: all is data, and the hole is at the end. */
function seekWithoutHoles(memfd: Memfd, offset: bigint, whence: number): bigint {
  return whence === SEEK_DATA ? offset : memfd.size_bytes;
}

/** A page that was allocated and never filled counts as a hole. */
function seekPages(memfd: Memfd, offset: bigint, whence: number): bigint | Errno {
  const { uptodate, page_bytes } = memfd.pages;
  const page = offset / page_bytes;
  const found = whence === SEEK_DATA ? uptodate.nextIn(page) : uptodate.nextOut(page);
  const start = found === undefined ? memfd.size_bytes : found * page_bytes;
  const position = start < offset ? offset : start;
  if (position < memfd.size_bytes) return position;
  return whence === SEEK_DATA ? "ENXIO" : memfd.size_bytes;
}
