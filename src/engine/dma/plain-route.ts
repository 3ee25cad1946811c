/**
 * The way of ordinary transfers to memory, on plain numbers: what `translateDma` finds, for
 * requests that reach pinned memory in one piece through a page table of the running kernel.
 *
 * What the last transfers found is kept for each device. Nothing needs to say when it ends: it
 * holds as long as the same page table is attached and has the same area there. Pages of an area
 * are pinned as long as it lies in an IOAS with a page table, so they stay what they were when they
 * were pinned.
 */

import type { Area } from "../iommufd/areas.js";
import type { ReservedRegion } from "../iommufd/hardware-device.js";
import type { Hwpt, HwptPaging } from "../iommufd/hwpt.js";
import { FilePages } from "../memory/file-pages.js";
import { Memfd } from "../memory/memfd.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { PciDevice } from "../vfio/pci-device.js";

/** IOVAs `first..last` of an area, and the run of memory that they show. */
interface Reach {
  readonly area: Area;
  readonly first: number;
  readonly last: number;
  readonly object: MemoryObject;
  /** Offset in `object` of the byte at `first`. */
  readonly offset: number;
  readonly pinned_seq: number;
}

/** Where the first byte of a transfer lies. */
export interface PlainTarget {
  object: MemoryObject | undefined;
  offset: number;
}

/** A device reaches memory through few large areas: one place for each 1 GiB, and these many. */
const PLACE_BYTES = 0x4000_0000;
const PLACES = 64;

/** The way of one device through the page table that is attached to it. */
export class PlainRoute {
  private readonly places: (Reach | undefined)[] = new Array(PLACES).fill(undefined);
  private readonly interrupts: readonly { readonly first: number; readonly last: number }[];

  constructor(
    readonly hwpt: HwptPaging,
    readonly reserved: readonly ReservedRegion[],
  ) {
    // A window whose ends are no exact doubles lies above every plain address.
    this.interrupts = reserved
      .filter(({ kind }) => kind === "msi")
      .map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
  }

  /** The memory that a transfer reaches as a whole; undefined where it is not that simple. */
  reach(first: number, last: number, write: boolean): Reach | undefined {
    for (const window of this.interrupts) {
      if (first <= window.last && last >= window.first) return undefined;
    }
    const { ioas, unit } = this.hwpt;
    const area = ioas.areas.atOrAfterKey(first);
    if (area === undefined || area.first_key > first || area.last_key < last) return undefined;
    if (write ? !area.writable : !area.readable && !unit.reads_through_write_only) return undefined;
    const place = (first / PLACE_BYTES) & (PLACES - 1);
    let reach = this.places[place];
    if (reach?.area !== area || first < reach.first || last > reach.last) {
      reach = reachAt(area, first);
      this.places[place] = reach;
    }
    return reach !== undefined && last <= reach.last ? reach : undefined;
  }
}

/**
 * Finds where the bytes of a transfer without PASID lie, which starts at `iova` and has
 * `length_bytes`, at least one; both numbers are below 2^52. False where the transfer faults, is
 * cut in pieces, reaches something else than pinned memory, or pages that have left their file
 * since.
 */
export function findPlainTarget(
  device: PciDevice,
  iova: number,
  length_bytes: number,
  write: boolean,
  target: PlainTarget,
): boolean {
  const { hardware } = device;
  if (device.bus_master === false || hardware.translation_lost) return false;
  const hwpt = hardware.group.attached.get(0)?.hwpt;
  let route = device.plain_route;
  if (route === undefined || route.hwpt !== hwpt || route.reserved !== hardware.reserved) {
    if (!isPlain(hwpt)) return false;
    route = new PlainRoute(hwpt, hardware.reserved);
    device.plain_route = route;
  }
  const reach = route.reach(iova, iova + length_bytes - 1, write);
  if (reach === undefined) return false;
  const { object, pinned_seq } = reach;
  const offset = reach.offset + (iova - reach.first);
  if (object instanceof FilePages && object.hasFreedSince(offset, length_bytes, pinned_seq)) {
    return false;
  }
  target.object = object;
  target.offset = offset;
  return true;
}

function isPlain(hwpt: Hwpt | undefined): hwpt is HwptPaging {
  return hwpt?.type === "HWPT_PAGING" && hwpt.origin !== "restored";
}

/** The run of memory that the area shows at an IOVA; undefined for device memory. */
function reachAt(area: Area, iova: number): Reach | undefined {
  const { source, first_key } = area;
  // An unsettled area of a file tells it without being settled.
  if (area.unsettled_at >= 0 && source?.pinned === true && source.file?.object instanceof Memfd) {
    const { pages } = source.file.object;
    const { address: offset, last_key: last, seq } = area;
    return { area, first: first_key, last, object: pages, offset, pinned_seq: seq };
  }
  const { backing } = area;
  const page = backing.machine.page_bytes;
  const start = Number(area.start);
  const index = Math.floor((start + iova - first_key) / page);
  const run = backing.pins?.find(BigInt(index));
  if (run === undefined) return undefined;
  // IOVAs that the first and the last page of the run would have.
  const run_first = first_key - start + Number(run.first) * page;
  const run_last = first_key - start + (Number(run.last) + 1) * page - 1;
  const first = Math.max(first_key, run_first);
  const last = Math.min(area.last_key, run_last);
  const offset = Number(run.offset) + (first - run_first);
  if (offset + (last - first) > Number.MAX_SAFE_INTEGER) return undefined;
  return { area, first, last, object: run.object, offset, pinned_seq: run.pinned_seq };
}
