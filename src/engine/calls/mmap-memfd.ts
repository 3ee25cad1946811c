import type { OpenFile } from "../file/open-file.js";
import { PROT_WRITE, type Vma } from "../memory/address-space.js";
import { Memfd, NO_WRITE_SEALS } from "../memory/memfd.js";
import { isReadable, isWritable } from "../memory/memfd-fd.js";
import type { MmapCall } from "./mmap.js";

const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_SHARED_VALIDATE = 3;
const MAP_TYPE = 0xf;

/**
 * Mapping a memfd. A file sealed against writing can be mapped shared for reading; such a mapping
 * never becomes writable.
 *
 * @source do_mmap, mm/mmap.c and memfd_check_seals_mmap, mm/memfd.c (v7.3.4)
 */
export function mapMemfd(
  call: MmapCall,
  file: OpenFile,
  shared: boolean,
): Pick<Vma, "object" | "offset" | "may_write"> | undefined {
  const memfd = file.object;
  if (!(memfd instanceof Memfd) || !checkMapping(call, file, memfd, shared)) return undefined;
  const { offset } = call.event;
  const may_write = isWritable(file) && !memfd.hasSeal(NO_WRITE_SEALS);
  if (shared) return { object: memfd.pages, offset, may_write };
  const { huge_bytes } = memfd.pages;
  return { object: { kind: "private", serial: call.machine.newSerial(), huge_bytes }, offset };
}

function checkMapping(call: MmapCall, file: OpenFile, memfd: Memfd, shared: boolean): boolean {
  const { event, machine } = call;
  if (!memfd.isKnown) {
    call.unjudged();
    return true;
  }
  const type = event.flags & MAP_TYPE;
  const known = type === MAP_SHARED || type === MAP_PRIVATE || type === MAP_SHARED_VALIDATE;
  const writes = shared && (event.prot & PROT_WRITE) !== 0;
  if (event.offset % machine.page_size !== 0n || event.length === 0n || !known) {
    call.reject("EINVAL", "offset, length or type of the mapping");
  } else if (!isReadable(file) || (writes && !isWritable(file))) {
    call.reject("EACCES", "the descriptor was not opened for this");
  } else if (writes && memfd.hasSeal(NO_WRITE_SEALS)) {
    call.reject("EPERM", "sealed against writing");
  } else if (event.offset % memfd.pages.page_bytes !== 0n) {
    call.reject("EINVAL", "the offset is no multiple of the huge page size");
  } else return true;
  return false;
}
