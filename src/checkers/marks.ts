/** The ioctls that mark a HWPT for preservation; the series gave them different names. */

import type { IoctlEvent } from "../engine/event/index.js";
import type { HwptView } from "./domains.js";
import { u64Field } from "./subjects.js";
import type { StepView, TransitionView } from "./view.js";

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

/** The newest mark of each page table of this kernel that has one, with its seq. */
export class LatestMarks {
  readonly #seqs = new Map<HwptView, number>();

  /** Listeners that keep it up to date. */
  readonly on = {
    hwpt_marked: ({ hwpt }: TransitionView<"hwpt_marked">, step: StepView): void => {
      this.#seqs.set(hwpt, step.event.seq);
    },
    hwpt_unmarked: ({ hwpt }: TransitionView<"hwpt_unmarked">): void => {
      this.#seqs.delete(hwpt);
    },
    object_destroyed: ({ object }: TransitionView<"object_destroyed">): void => {
      if (this.#seqs.size > 0) this.#seqs.delete(object as unknown as HwptView);
    },
    kernel_booted: (): void => this.#seqs.clear(),
  };

  entries(): Iterable<[HwptView, number]> {
    return this.#seqs;
  }
}
