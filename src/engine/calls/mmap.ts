/** mmap(2). Which memory a file's mapping gives is decided by a table from the kind of file. */

import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { FileKind } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import { mapIommufd } from "../iommufd/mmap-region.js";
import type { Machine } from "../machine.js";
import type { Vma } from "../memory/address-space.js";
import { hugePageBytes } from "../memory/create-memfd.js";
import type { MemoryObject } from "../memory/memory-object.js";
import { SparseBytes } from "../memory/sparse-bytes.js";
import { mapMemfd } from "./mmap-memfd.js";
import { mapVfioDevice } from "./mmap-vfio-device.js";

const MAP_TYPE = 0xf;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_HUGETLB = 0x4_0000;
const MAP_FIXED_NOREPLACE = 0x10_0000;

export type MmapCall = Call<EventOf<"mmap">>;

/** What a mapping consists of; undefined when the file's own checks rejected the call. */
export type MapFile = (
  call: MmapCall,
  file: OpenFile,
  shared: boolean,
) => Pick<Vma, "object" | "offset" | "may_write" | "file"> | undefined;

/** A kind that is not listed gives memory nobody looks into. */
const MAPPERS: Partial<Record<FileKind, MapFile>> = {
  iommufd: mapIommufd,
  memfd: mapMemfd,
  vfio_device: mapVfioDevice,
};

export function mmap(machine: Machine, event: EventOf<"mmap">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const shared = (event.flags & MAP_TYPE) !== MAP_PRIVATE;
  const { prot } = event;
  const vma: Vma | undefined =
    (event.flags & MAP_ANONYMOUS) !== 0
      ? { object: anonymous(call, shared), offset: 0n, prot, shared }
      : mapFile(call, shared);
  if (vma === undefined && !call.observedSuccess) return call;
  if (vma !== undefined && !call.accept(0)) return call;
  const length = roundUp(event.length, vma?.object.huge_bytes ?? machine.page_size);
  const own = ownAddress(call, length);
  const observed = typeof event.address === "bigint" ? event.address : undefined;
  const address = call.adopt("ret", own, observed);
  call.ret = address;
  // A mapping that the model does not allow and the kernel made is memory like any other.
  const mapped = vma ?? { object: anonymous(call, shared), offset: 0n, prot, shared };
  if (length > 0n) process.mm.map(address, length, mapped);
  return call;
}

function mapFile(call: MmapCall, shared: boolean): Vma | undefined {
  const { machine, process, event } = call;
  const file = process.fds.getUsable(event.fd);
  if (file === undefined) {
    call.unjudged();
    return { object: anonymous(call, shared), offset: 0n, prot: event.prot, shared };
  }
  const mapper = MAPPERS[file.object.kind];
  if (mapper === undefined) {
    call.unjudged();
    const kind = shared ? "device" : "private";
    const object: MemoryObject = { kind, serial: machine.newSerial(), file };
    return { object, offset: event.offset, prot: event.prot, shared, file };
  }
  const parts = mapper(call, file, shared);
  return parts === undefined ? undefined : { file, ...parts, prot: event.prot, shared };
}

/** Fresh zero pages. Whether there are enough is not known, so the result is not claimed. */
function anonymous(call: MmapCall, shared: boolean): MemoryObject {
  const { machine, event } = call;
  if ((event.flags & MAP_ANONYMOUS) !== 0) call.unjudged();
  const huge_bytes = (event.flags & MAP_HUGETLB) === 0 ? undefined : hugePageBytes(event.flags);
  const contents = machine.cpu_stores_recorded ? new SparseBytes() : undefined;
  const kind = shared ? "shared" : "private";
  return { kind, serial: machine.newSerial(), huge_bytes, contents };
}

function roundUp(length: bigint, unit: bigint): bigint {
  return ((length + unit - 1n) / unit) * unit;
}

function ownAddress(call: MmapCall, length: bigint): bigint {
  const fixed = (call.event.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  return fixed ? call.event.addr : call.process.mm.chooseAddress(length);
}
