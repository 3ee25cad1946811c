import type { Errno } from "../errno.js";
import type { MemoryLocation } from "../memory/address-space.js";
import { Memfd } from "../memory/memfd.js";
import type { Process } from "../process/process.js";
import { Backing } from "./backing.js";
import type { PageRun } from "./pins.js";

const ADDRESS_SPACE_BYTES = 1n << 64n;
/** Pages one step of the kernel's pinning loop takes at most: 64 KiB of page pointers. */
const PIN_BATCH_PAGES = 8192n;

/** Memory of a process, by user address (IOMMU_IOAS_MAP). */
export class UserBacking extends Backing {
  readonly kind = "user";
  readonly file = undefined;

  /**
   * EFAULT: a page is not mapped, not writable although the mapping is, device memory, or behind
   * the end of its file; or the owner's memory is gone. EOVERFLOW: the caller's own run reaches the
   * last page of the 64-bit space.
   */
  override checkPin(first: bigint, last: bigint, caller: Process): Errno | undefined {
    const { mm } = this.owner;
    const page = this.machine.page_size;
    const end = this.base + (last + 1n) * page;
    if (caller.mm === mm) {
      if (end === ADDRESS_SPACE_BYTES && last - first < PIN_BATCH_PAGES) return "EOVERFLOW";
    } else if (!mm.alive) return "EFAULT";
    for (let at = this.base + first * page; at < end; ) {
      const location = mm.locate(at);
      if (location === undefined || !isPinnable(location, this.writable)) return "EFAULT";
      at += location.run_bytes;
    }
    return undefined;
  }

  override locate(first: bigint, last: bigint): PageRun[] {
    const page = this.machine.page_size;
    const runs: PageRun[] = [];
    for (let index = first; index <= last; ) {
      const location = this.owner.mm.locate(this.base + index * page);
      // A call that the kernel accepted although the model saw a hole: nothing is known of it.
      if (location === undefined) break;
      const left = last - index + 1n;
      const pages = (location.run_bytes + page - 1n) / page;
      const count = pages < left ? pages : left;
      runs.push({ object: location.object, offset: location.offset, count });
      index += count;
    }
    return runs;
  }
}

function isPinnable(location: MemoryLocation, writable: boolean): boolean {
  if (!location.readable || (writable && !location.writable)) return false;
  return location.object.kind !== "device" && !isBehindEndOfFile(location);
}

/** True when touching the byte raises SIGBUS: its page lies behind the end of the mapped memfd. */
export function isBehindEndOfFile(location: MemoryLocation): boolean {
  const object = location.file?.object;
  return object instanceof Memfd && location.offset >= object.size_bytes;
}
