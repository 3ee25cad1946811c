import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { AddressSpace } from "../memory/address-space.js";
import { Memfd } from "../memory/memfd.js";

const MADV_DONTNEED = 4;
const MADV_REMOVE = 9;

/** madvise(2): MADV_REMOVE punches a hole into the mapped file, MADV_DONTNEED drops pages. */
export function madvise(machine: Machine, event: EventOf<"madvise">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (!call.accept()) return call;
  if (event.advice === MADV_REMOVE) remove(process.mm, event.addr, event.length);
  if (event.advice === MADV_DONTNEED) forgetPrivate(process.mm, event.addr, event.length);
  return call;
}

function remove(mm: AddressSpace, address: bigint, length: bigint): void {
  for (const { first, last, vma } of mm.pieces(address, length)) {
    const memfd = vma.file?.object;
    if (vma.shared && memfd instanceof Memfd)
      memfd.punch(mm.machine, vma.offset, last - first + 1n);
  }
}

function forgetPrivate(mm: AddressSpace, address: bigint, length: bigint): void {
  for (const { first, last, vma } of mm.pieces(address, length)) {
    if (!vma.shared) vma.object.contents?.clear(vma.offset, vma.offset + (last - first));
  }
}
