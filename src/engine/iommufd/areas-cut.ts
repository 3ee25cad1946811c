/** Cutting areas in two, which only old VFIO users without large pages can ask for. */

import { assert } from "../assert.js";
import type { Errno } from "../errno.js";
import type { Area } from "./areas.js";
import type { Ioas } from "./ioas.js";

/** Cuts that can be made, right behind each of `after`; `errno` where one could not. */
export interface CutPlan {
  readonly after: readonly bigint[];
  readonly errno: Errno | undefined;
}

/**
 * Checks cuts in the order given. The first or last byte of an area is no place for a cut and does
 * nothing.
 *
 * @source iopt_cut_iova, iopt_area_split, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export function planCuts(ioas: Ioas, after: readonly bigint[]): CutPlan {
  const possible: bigint[] = [];
  for (const iova of after) {
    const area = ioas.areas.find(iova);
    if (area === undefined || iova === area.first || iova === area.last) continue;
    // An earlier cut may have made this the end of its area already.
    if (possible.includes(iova)) continue;
    const errno = checkCut(ioas, area, iova + 1n);
    if (errno !== undefined) return { after: possible, errno };
    possible.push(iova);
  }
  return { after: possible, errno: undefined };
}

function checkCut(ioas: Ioas, area: Area, at: bigint): Errno | undefined {
  if (area.backing.kind === "dmabuf") return "EOPNOTSUPP";
  if ((at | area.offsetOf(at)) % ioas.iova_alignment !== 0n) return "EINVAL";
  return area.accesses > 0 ? "EINVAL" : undefined;
}

export function cutAreas(ioas: Ioas, plan: CutPlan): void {
  for (const iova of plan.after) {
    const area = ioas.areas.find(iova);
    assert(area !== undefined, "the area to cut is there");
    // The cut before may have ended an area right here.
    if (iova !== area.first && iova !== area.last) ioas.splitArea(area, iova);
  }
}
