/** What an IOMMU driver brings when guests may have page tables and queues of their own. */

import type { Errno } from "../errno.js";
import type { UserData } from "./iommu-unit.js";
import type { Viommu } from "./viommu.js";

/** HWPT_INVALIDATE as a driver sees it; the core has checked the sizes. */
export interface InvalidateRequest {
  readonly type: number;
  readonly entry_bytes: number;
  readonly entry_count: number;
  /** The whole array; null where it cannot be read. */
  readonly bytes: Uint8Array | null;
}

/** What an invalidation would do; entries before the failing one are done. */
export interface InvalidatePlan {
  readonly errno: Errno | undefined;
  readonly handled: number;
  commit(): void;
}

/** A guest's page table, as its driver keeps it. */
export interface NestedDomain {
  planInvalidate(request: InvalidateRequest): InvalidatePlan;
}

/** Makes nested domains on top of a domain that was allocated as nest parent. */
export interface Nesting {
  planNested(data: UserData): NestedDomain | Errno;
  readonly viommu: ViommuSupport | undefined;
}

/** A vIOMMU that a driver would make. */
export interface ViommuPlan {
  /** Pages that user space may map, in bytes; undefined: none. */
  readonly region_bytes: bigint | undefined;
  /** What is written to the caller's data; `region_offset` is where the pages can be mapped. */
  output(region_offset: bigint): Uint8Array | undefined;
}

export interface ViommuSupport {
  readonly type: number;
  planViommu(data: UserData | undefined): ViommuPlan | Errno;
  planNested(data: UserData): NestedDomain | Errno;
  planInvalidate(viommu: Viommu, request: InvalidateRequest): InvalidatePlan;
  /** Type of hardware queues; undefined: none. */
  readonly queue_type: number | undefined;
  /** Whether a queue can be set up, after its pages are pinned. */
  checkQueue(viommu: Viommu, index: number): Errno | undefined;
}

/** A plan that does nothing but fail. */
export function refuseInvalidate(errno: Errno): InvalidatePlan {
  return { errno, handled: 0, commit: () => {} };
}
