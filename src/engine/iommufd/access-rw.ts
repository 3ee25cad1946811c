/** Copying bytes through an IOAS without pinning them for longer (iommufd.md 9). */

import type { Errno } from "../errno.js";
import { FilePages } from "../memory/file-pages.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { Process } from "../process/process.js";
import { U64_MAX } from "../u64.js";
import { type AreaSpan, checkRights, spansOf } from "./access-pins.js";
import type { Backing } from "./backing.js";
import { isBehindEndOfFile } from "./backing-user.js";
import type { Ioas } from "./ioas.js";

export interface CopyWish {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** Do not use the caller's own addresses even where the memory is its own. */
  readonly slow: boolean;
}

/**
 * Whether a copy succeeds: EINVAL, EOVERFLOW, ENOENT for the range; per area EPERM, EINVAL for a
 * dma-buf, EFAULT or EINVAL for its memory. Bytes before the failing area are copied all the same.
 *
 * @source iommufd_access_rw, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export function checkRw(
  ioas: Ioas | undefined,
  wish: CopyWish,
  caller: Process,
): Errno | undefined {
  if (wish.length === 0n) return "EINVAL";
  if (wish.iova + wish.length - 1n > U64_MAX) return "EOVERFLOW";
  if (ioas === undefined) return "ENOENT";
  const found = spansOf(ioas, wish.iova, wish.length);
  if (typeof found === "string") return found;
  for (const span of found.spans) {
    const errno = checkRights(span.area, wish.write) ?? checkMemory(span, wish, caller);
    if (errno !== undefined) return errno;
  }
  return found.complete ? undefined : "ENOENT";
}

/**
 * Puts written bytes into the memory model. `data` may be shorter than what was written: the rest
 * is then unknown.
 */
export function storeWritten(spans: readonly AreaSpan[], data: Uint8Array): void {
  let at = 0;
  for (const { area, first, last } of spans) {
    const { page_size } = area.backing.machine;
    const length = Number(last - first + 1n);
    const into = area.offsetOf(first) % page_size;
    let skip = into;
    let left = length;
    for (const run of area.backing.identify(area.pageOf(first), area.pageOf(last))) {
      const bytes = Math.min(left, Number(run.count * page_size - skip));
      storeRun(run.object, run.offset + skip, bytes, data.subarray(at, at + bytes));
      at += bytes;
      left -= bytes;
      skip = 0n;
    }
  }
}

function storeRun(object: MemoryObject, offset: bigint, length: number, data: Uint8Array) {
  if (object instanceof FilePages) return object.store(offset, BigInt(length), data);
  if (object.contents === undefined) return;
  object.contents.write(offset, data);
  const last = offset + BigInt(length) - 1n;
  if (data.length < length) object.contents.forget(offset + BigInt(data.length), last);
}

/** @source iopt_pages_rw_access, drivers/iommu/iommufd/pages.c (v7.3.4) */
function checkMemory(span: AreaSpan, wish: CopyWish, caller: Process): Errno | undefined {
  const { area, first, last } = span;
  const { backing } = area;
  const from = area.pageOf(first);
  const to = area.pageOf(last);
  if (backing.kind === "user") {
    const at = backing.base + area.offsetOf(first);
    if (!wish.slow && caller.mm === backing.owner.mm) {
      return isCopyable(backing, at, last - first + 1n, wish.write) ? undefined : "EFAULT";
    }
    // A single page of a living process is looked up afresh, even where it is pinned.
    if (from === to && backing.owner.mm.alive) {
      return isCopyable(backing, at, 1n, wish.write) ? undefined : "EFAULT";
    }
  }
  for (const gap of backing.unpinned(from, to)) {
    const errno = backing.checkPin(gap.first, gap.last, caller);
    if (errno !== undefined) return errno;
  }
  return undefined;
}

function isCopyable(backing: Backing, address: bigint, length: bigint, write: boolean): boolean {
  const { mm } = backing.owner;
  for (let at = address; at < address + length; ) {
    const location = mm.locate(at);
    if (location === undefined || !(write ? location.writable : location.readable)) return false;
    if (isBehindEndOfFile(location)) return false;
    at += location.run_bytes;
  }
  return true;
}
