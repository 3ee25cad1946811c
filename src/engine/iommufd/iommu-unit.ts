/**
 * IOMMU units: what the page tables of a unit look like and what its driver accepts. A unit is
 * data; a driver that does more than paging brings its own strategies (see `Nesting`).
 */

import type { Errno } from "../errno.js";
import type { HardwareDevice, ReservedRegion } from "./hardware-device.js";
import type { Nesting } from "./nesting.js";

/** HWPT_ALLOC flags (enum iommufd_hwpt_alloc_flags). */
export const HWPT_NEST_PARENT = 1;
export const HWPT_DIRTY_TRACKING = 2;
export const HWPT_FAULT_ID_VALID = 4;
export const HWPT_PASID = 8;

/** What one page table can translate. */
export interface PagingFormat {
  /** The IOVAs it covers, both ends included. */
  readonly aperture_first: bigint;
  readonly aperture_last: bigint;
  /** Bitmap of page sizes: bit n set means pages of 2^n bytes. */
  readonly page_sizes: bigint;
}

/** Driver data that an allocation carries; `bytes` is null where it cannot be read. */
export interface UserData {
  readonly type: number;
  readonly length_bytes: number;
  readonly bytes: Uint8Array | null;
}

/** A page table somebody asks a driver for. */
export interface PagingRequest {
  readonly device: HardwareDevice;
  /** HWPT_ALLOC flags without FAULT_ID_VALID, which the core keeps for itself. */
  readonly flags: number;
  readonly data: UserData | undefined;
}

/** What GET_HW_INFO tells. `data` undefined: registers that only the hardware knows. */
export interface HwInfo {
  readonly type: number;
  readonly length_bytes: number;
  readonly data: Uint8Array | undefined;
}

export interface IommuUnit {
  readonly name: string;
  /** A domain of one driver cannot be used behind another. */
  readonly driver: string;
  /** Format of kernel-managed page tables that nobody specified further. */
  readonly paging: PagingFormat;
  /** The format of a page table, or why the driver refuses. */
  planPaging(request: PagingRequest): PagingFormat | Errno;
  /** Nested domains, vIOMMUs and invalidation; undefined where the driver has none. */
  readonly nesting: Nesting | undefined;
  readonly hw_info: HwInfo | undefined;
  /** Attaching a PASID answers this whatever the domain; undefined: the driver can. */
  readonly pasid_refusal: Errno | undefined;
  /** Attaching a domain with a fault queue to a device without PRI answers this. */
  readonly fault_refusal: Errno | undefined;
  /**
   * A refused replace leaves the device without translation although the old HWPT still counts as
   * attached, until the next attach that succeeds.
   */
  readonly refusal_blocks_dma: boolean;
  /**
   * A page of a mapping without READABLE can be read by devices all the same: first-stage tables
   * have no bit against it.
   */
  readonly reads_through_write_only: boolean;
  /** Ranges every device behind the unit keeps for itself, where nothing else is stated. */
  readonly device_reserved: readonly ReservedRegion[];
  /** The trace does not say which unit this is: the first GET_HW_INFO tells. */
  readonly assumed?: boolean;
  /**
   * GET_HW_INFO calls this with what the kernel answered (`data`: the bytes it wrote), where the
   * trace holds it: what `hw_info` does not state is learnt once and predicted from then on.
   */
  learnHwInfo?(answer: HwInfo): void;
}

/**
 * Reads driver data by the rule all drivers follow: another type EINVAL; shorter than `minimum` or
 * longer than the struct EINVAL (no forward compatibility here); unreadable EFAULT. What a shorter
 * caller leaves out reads as zero.
 *
 * @source iommu_copy_struct_from_user, include/linux/iommu.h (v7.3.4)
 */
export function copyUserData(
  data: UserData,
  type: number,
  minimum: number,
  length_bytes: number,
): Uint8Array | Errno {
  if (data.type !== type) return "EINVAL";
  if (data.length_bytes < minimum || data.length_bytes > length_bytes) return "EINVAL";
  if (data.bytes === null) return "EFAULT";
  const whole = new Uint8Array(length_bytes);
  whole.set(data.bytes.subarray(0, length_bytes));
  return whole;
}
