import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { AddressSpace } from "../memory/address-space.js";

const MREMAP_FIXED = 2;
const MREMAP_DONTUNMAP = 4;

/** mremap(2): memory keeps what it is when it moves; the IOMMU keeps the pages it has. */
export function mremap(machine: Machine, event: EventOf<"mremap">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (!call.accept()) return call;
  const { mm } = process;
  const old_length = roundUp(event.old_length, machine.page_size);
  const new_length = roundUp(event.new_length, machine.page_size);
  const moves = new_length > old_length || (event.flags & MREMAP_FIXED) !== 0;
  const own = moves ? (event.new_addr ?? mm.chooseAddress(new_length)) : event.addr;
  const observed = typeof event.address === "bigint" ? event.address : undefined;
  const to = call.adopt("ret", own, observed);
  call.ret = to;
  const mapping = mm.mappingAt(event.addr);
  if (mapping === undefined) return call;
  const start = { ...mapping.vma, offset: mapping.vma.offset + (event.addr - mapping.first) };
  const kept = smaller(old_length, new_length);
  if (old_length === 0n) mm.map(to, new_length, start);
  else if ((event.flags & MREMAP_DONTUNMAP) !== 0) copyMapping(mm, event.addr, to, kept);
  else {
    mm.move(event.addr, to, kept);
    if (to === event.addr) mm.unmap(event.addr + kept, old_length - kept);
    else mm.unmap(event.addr, old_length);
  }
  if (old_length > 0n && new_length > kept) {
    mm.map(to + kept, new_length - kept, { ...start, offset: start.offset + kept });
  }
  return call;
}

/** MREMAP_DONTUNMAP: the pages move, and the old place stays mapped with fresh ones. */
function copyMapping(mm: AddressSpace, from: bigint, to: bigint, length: bigint): void {
  const mapping = mm.mappingAt(from);
  if (mapping === undefined || length === 0n) return;
  mm.move(from, to, length);
  const object = { ...mapping.vma.object, serial: mm.machine.newSerial() };
  mm.map(from, length, mapping.vma.shared ? mapping.vma : { ...mapping.vma, object });
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function roundUp(length: bigint, unit: bigint): bigint {
  return ((length + unit - 1n) / unit) * unit;
}
