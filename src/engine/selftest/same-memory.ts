/** Comparing pinned pages with what a process has at an address. */

import { isBehindEndOfFile } from "../iommufd/backing-user.js";
import type { AddressSpace, MemoryLocation } from "../memory/address-space.js";
import type { MemoryObject } from "../memory/memory-object.js";

/** The byte at `address` as the kernel's page look-up finds it; undefined answers EFAULT. */
export function reachable(mm: AddressSpace, address: bigint): MemoryLocation | undefined {
  const location = mm.locate(address);
  if (location === undefined || !location.readable) return undefined;
  if (location.object.kind === "device" || isBehindEndOfFile(location)) return undefined;
  return location;
}

/** True when both are the same byte of the same memory. */
export function isSameByte(
  a: { readonly object: MemoryObject; readonly offset: bigint },
  b: { readonly object: MemoryObject; readonly offset: bigint },
): boolean {
  return a.object.serial === b.object.serial && a.offset === b.offset;
}
