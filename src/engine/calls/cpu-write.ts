import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { FilePages } from "../memory/file-pages.js";
import type { Memfd } from "../memory/memfd.js";
import { memfdAt } from "../memory/memfd-fd.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { Process } from "../process/process.js";

/** The CPU stored bytes through a mapping. Behind the file's last page that is SIGBUS. */
export function cpuWrite(machine: Machine, event: EventOf<"cpu_write">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (event.sigbus === true) return call;
  const { user_va, data } = event;
  const length = BigInt(event.length_bytes);
  if (user_va !== undefined) storeAt(process, user_va, length, data);
  else storeInFile(process, event);
  return call;
}

function storeAt(
  process: Process,
  address: bigint,
  length: bigint,
  data: Uint8Array | undefined,
): void {
  for (const { first, last, vma } of process.mm.pieces(address, length)) {
    const size = last - first + 1n;
    const from = Number(first - address);
    const bytes = data?.subarray(from, from + Number(size));
    if (vma.object instanceof FilePages) storeInPages(vma.object, vma.offset, size, bytes);
    else storeInMemory(vma.object, vma.offset, size, bytes);
  }
}

function storeInFile(process: Process, event: EventOf<"cpu_write">): void {
  const memfd: Memfd | undefined =
    event.fd === undefined ? undefined : memfdAt(process, event.fd)?.memfd;
  if (memfd === undefined || event.offset === undefined) return;
  storeInPages(memfd.pages, event.offset, BigInt(event.length_bytes), event.data);
}

function storeInPages(
  pages: FilePages,
  offset: bigint,
  length: bigint,
  bytes: Uint8Array | undefined,
): void {
  pages.store(offset, length, bytes);
}

function storeInMemory(
  object: MemoryObject,
  offset: bigint,
  length: bigint,
  bytes: Uint8Array | undefined,
): void {
  const { contents } = object;
  if (contents === undefined) return;
  if (bytes !== undefined && BigInt(bytes.length) === length) contents.write(offset, bytes);
  else contents.forget(offset, offset + length - 1n);
}
