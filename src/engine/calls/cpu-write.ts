import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { Mapping } from "../memory/address-space.js";
import { FilePages } from "../memory/file-pages.js";
import { Memfd } from "../memory/memfd.js";
import { memfdAt } from "../memory/memfd-fd.js";
import type { MemoryObject } from "../memory/memory-object.js";

/** The CPU stored bytes through a mapping. Behind the file's last page that is SIGBUS. */
export function cpuWrite(machine: Machine, event: EventOf<"cpu_write">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  const length = BigInt(event.length_bytes);
  const { user_va, data } = event;
  if (user_va === undefined) {
    storeInFile(call);
    return call;
  }
  const pieces = process.mm.pieces(user_va, length);
  const raises = raisesSigbus(pieces);
  if (raises !== undefined) call.claim("sigbus", raises);
  if (event.sigbus ?? raises ?? false) return call;
  for (const { first, last, vma } of pieces) {
    const from = Number(first - user_va);
    const size = last - first + 1n;
    store(vma.object, vma.offset, size, data?.subarray(from, from + Number(size)));
  }
  return call;
}

/** Whether a store into these mappings raises SIGBUS; undefined where that is not known. */
function raisesSigbus(pieces: readonly Mapping[]): boolean | undefined {
  let known: boolean | undefined;
  for (const { first, last, vma } of pieces) {
    const memfd = vma.file?.object;
    if (!(memfd instanceof Memfd) || !memfd.isKnown || memfd.origin === "hugetlb") return undefined;
    // A private page that was written before stays when the file shrinks.
    if (!vma.shared) return undefined;
    const unit = memfd.pages.page_bytes;
    const end = ((memfd.size_bytes + unit - 1n) / unit) * unit;
    known = (known ?? false) || vma.offset + (last - first) >= end;
  }
  return known;
}

function storeInFile(call: Call<EventOf<"cpu_write">>): void {
  const { event, process } = call;
  if (event.fd === undefined || event.offset === undefined || event.sigbus === true) return;
  const memfd = memfdAt(process, event.fd)?.memfd;
  memfd?.pages.store(event.offset, BigInt(event.length_bytes), event.data);
}

function store(
  object: MemoryObject,
  offset: bigint,
  length: bigint,
  bytes: Uint8Array | undefined,
): void {
  if (object instanceof FilePages) {
    object.store(offset, length, bytes);
    return;
  }
  const { contents } = object;
  if (contents === undefined) return;
  if (bytes !== undefined && BigInt(bytes.length) === length) contents.write(offset, bytes);
  else contents.forget(offset, offset + length - 1n);
}
