import type { OpenFile } from "../file/open-file.js";
import type { Vma } from "../memory/address-space.js";
import { checkRegionMapping, regionObject, regionOffset } from "../vfio/mmap-region.js";
import type { MmapCall } from "./mmap.js";

/** Mapping a BAR of a VFIO device. */
export function mapVfioDevice(
  call: MmapCall,
  file: OpenFile,
  shared: boolean,
): Pick<Vma, "object" | "offset"> | undefined {
  const { offset, length } = call.event;
  const errno = checkRegionMapping(file, { offset, length, shared });
  if (errno !== undefined) {
    call.reject(errno, "the device cannot be mapped like this");
    return undefined;
  }
  return { object: regionObject(call.machine, file, offset), offset: regionOffset(offset) };
}
