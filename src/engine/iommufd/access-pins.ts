/** Ranges that software pins or copies through an IOAS (iommufd.md 9). */

import { smaller } from "../bigint.js";
import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import { U64_MAX } from "../u64.js";
import type { Area } from "./areas.js";
import { checkPins } from "./backing-account.js";
import type { Ioas } from "./ioas.js";

/** The part of one area that a range covers. */
export interface AreaSpan {
  readonly area: Area;
  readonly first: bigint;
  readonly last: bigint;
}

/** Pages an access pinned: IOVAs `first..last`, over abutting areas. */
export class AccessPin {
  constructor(
    readonly ioas: Ioas,
    readonly first: bigint,
    readonly last: bigint,
    readonly spans: readonly AreaSpan[],
    readonly write: boolean,
    /** A hardware queue: UNMAP of the areas answers EBUSY instead of asking for the pages. */
    readonly lock: boolean,
  ) {}

  /** True when the pin meets IOVAs `first..last`. */
  meets(first: bigint, last: bigint): boolean {
    return this.first <= last && first <= this.last;
  }

  take(): void {
    for (const { area, first, last } of this.spans) {
      area.accesses++;
      if (this.lock) area.locks++;
      area.backing.hold(area.pageOf(first), area.pageOf(last));
    }
  }

  release(): void {
    for (const { area, first, last } of this.spans) {
      area.accesses--;
      if (this.lock) area.locks--;
      area.backing.release(area.pageOf(first), area.pageOf(last));
    }
  }
}

/**
 * The areas a range covers, when they abut without a hole: EINVAL for length 0, EOVERFLOW past the
 * end of the space. A hole ends the list early and sets `complete` to false.
 */
export function spansOf(
  ioas: Ioas,
  iova: bigint,
  length: bigint,
): { spans: AreaSpan[]; complete: boolean } | Errno {
  if (length === 0n) return "EINVAL";
  const last = iova + length - 1n;
  if (last > U64_MAX) return "EOVERFLOW";
  const spans: AreaSpan[] = [];
  let at = iova;
  for (const area of ioas.areas.overlapping(iova, last)) {
    if (area.first > at) return { spans, complete: false };
    const end = smaller(area.last, last);
    spans.push({ area, first: at, last: end });
    at = end + 1n;
  }
  return { spans, complete: at === last + 1n };
}

export interface PinWish {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  readonly lock?: boolean;
}

/**
 * What pinning would take, or why it cannot be: EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT, ENOMEM.
 * Nothing is changed; hand the result to `Access.hold`.
 *
 * @source iommufd_access_pin_pages, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export function planPin(ioas: Ioas | undefined, wish: PinWish, caller: Process): AccessPin | Errno {
  if (wish.length === 0n) return "EINVAL";
  const last = wish.iova + wish.length - 1n;
  if (last > U64_MAX) return "EOVERFLOW";
  if (ioas === undefined) return "ENOENT";
  const found = spansOf(ioas, wish.iova, wish.length);
  if (typeof found === "string") return found;
  for (const span of found.spans) {
    const errno = checkSpan(span, wish, last) ?? checkSpanPins(span, caller);
    if (errno !== undefined) return errno;
  }
  if (!found.complete) return "ENOENT";
  return new AccessPin(ioas, wish.iova, last, found.spans, wish.write, wish.lock === true);
}

function checkSpan({ area, first }: AreaSpan, wish: PinWish, last: bigint): Errno | undefined {
  const { page_size } = area.backing.machine;
  if (area.offsetOf(first) % page_size !== 0n) return "EINVAL";
  if (area.last < last && (area.offsetOf(area.last) + 1n) % page_size !== 0n) return "EINVAL";
  return checkRights(area, wish.write);
}

/** EPERM without the right; EINVAL for device memory, which software cannot touch. */
export function checkRights(area: Area, write: boolean): Errno | undefined {
  if (write ? !area.writable : !area.readable) return "EPERM";
  if (write && !area.backing.writable) return "EPERM";
  return area.backing.kind === "dmabuf" ? "EINVAL" : undefined;
}

function checkSpanPins({ area, first, last }: AreaSpan, caller: Process): Errno | undefined {
  const { backing } = area;
  const request = {
    backing,
    first: area.pageOf(first),
    last: area.pageOf(last),
    readable: true,
    writable: true,
  };
  return checkPins([request], caller, backing.machine);
}
