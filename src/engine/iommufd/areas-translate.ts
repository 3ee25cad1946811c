/** What a device sees at an IOVA. */

import type { MemoryObject } from "../memory/memory-object.js";
import type { Area } from "./areas.js";
import type { Backing } from "./backing.js";
import { DmabufBacking } from "./backing-dmabuf.js";
import type { Ioas } from "./ioas.js";
import type { PinnedRun } from "./pins.js";

/** Where one IOVA leads: the byte of the backing object, and the memory that was pinned for it. */
export interface Translation {
  readonly area: Area;
  readonly backing: Backing;
  /** Offset of the byte in the backing object, in bytes from its first page. */
  readonly offset: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  /** The pinned memory and the byte's offset in it; undefined for device memory. */
  readonly memory: PinnedMemory | undefined;
  /** Bytes from here on that lie side by side in the same memory and the same area. */
  readonly run_bytes: bigint;
}

export interface PinnedMemory {
  readonly object: MemoryObject;
  readonly offset: bigint;
  readonly run: PinnedRun;
}

/**
 * Follows an IOVA through the page tables of an IOAS: to what was pinned, not to what the address
 * space has there now. Undefined where no page table exists or nothing is mapped. Costs O(log n).
 */
export function translate(ioas: Ioas, iova: bigint): Translation | undefined {
  if (ioas.domains.length === 0) return undefined;
  const area = ioas.areas.find(iova);
  if (area === undefined) return undefined;
  const { backing, readable, writable } = area;
  const offset = area.offsetOf(iova);
  const common = { area, backing, offset, readable, writable };
  const areaBytes = area.last - iova + 1n;
  if (backing instanceof DmabufBacking) {
    return backing.disabled ? undefined : { ...common, memory: undefined, run_bytes: areaBytes };
  }
  const page = backing.machine.page_size;
  const run = backing.pins?.find(offset / page);
  if (run === undefined) return undefined;
  const into = offset - run.first * page;
  const runBytes = (run.last - run.first + 1n) * page - into;
  const memory = { object: run.object, offset: run.offset + into, run };
  return { ...common, memory, run_bytes: runBytes < areaBytes ? runBytes : areaBytes };
}
