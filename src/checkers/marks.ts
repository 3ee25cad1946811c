/** The ioctls that mark a HWPT for preservation; the series gave them different names. */

import type { IoctlEvent } from "../engine/event/index.js";
import { u64Field } from "./subjects.js";

export const MARK_OPS = [
  "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVED",
] as const;

/** The token of a mark; undefined for a call that takes a mark away. */
export function markToken(event: IoctlEvent): bigint | undefined {
  const clears = event.op === "IOMMU_HWPT_LU_SET_PRESERVED" && u64Field(event, "preserved") === 0n;
  return clears ? undefined : u64Field(event, "hwpt_token");
}

/** One listener for all names. */
export function onMark<L>(listener: L): Record<string, L> {
  return Object.fromEntries(MARK_OPS.map((op) => [op, listener]));
}
