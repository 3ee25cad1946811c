/** Taking areas away: IOAS_UNMAP and its VFIO twin. */

import { assert } from "../assert.js";
import type { Errno } from "../errno.js";
import type { Area } from "./areas.js";
import type { Ioas } from "./ioas.js";

/** What an unmap will do: `areas` go, then it fails with `errno` where there is one. */
export interface UnmapPlan {
  readonly areas: readonly Area[];
  readonly errno: Errno | undefined;
  /** Bytes of `areas`. */
  readonly length: bigint;
}

/**
 * Walks the areas that meet `first..last`, ascending. It stops at an area a hardware queue locks
 * (EBUSY) and at one that is not wholly inside (ENOENT); the areas before that one do go.
 *
 * @source iopt_unmap_iova_range, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export function planUnmap(ioas: Ioas, first: bigint, last: bigint): UnmapPlan {
  const { profile } = ioas.context.machine;
  const frozen = ioas.frozen ? profile.immutable.change_preserved_ioas : undefined;
  // It comes before any look at the areas, so unmapping nothing is refused as well.
  if (frozen !== undefined) return { areas: [], errno: frozen, length: 0n };
  return planRemoval(ioas, first, last);
}

/** The same for an IOAS whose mappings may change, or were seen to. */
export function planRemoval(ioas: Ioas, first: bigint, last: bigint): UnmapPlan {
  const areas: Area[] = [];
  let length = 0n;
  for (const area of ioas.areas.listOverlapping(first, last)) {
    if (area.locks > 0) return { areas, errno: "EBUSY", length };
    if (area.first < first || area.last > last) return { areas, errno: "ENOENT", length };
    areas.push(area);
    length += area.length;
  }
  return { areas, errno: undefined, length };
}

/** Everything that lies wholly inside `first..last` and is not locked. */
export function planInside(ioas: Ioas, first: bigint, last: bigint): UnmapPlan {
  const areas: Area[] = [];
  let length = 0n;
  for (const area of ioas.areas.listOverlapping(first, last)) {
    if (area.locks > 0 || area.first < first || area.last > last) continue;
    areas.push(area);
    length += area.length;
  }
  return { areas, errno: undefined, length };
}

/** Removes the planned areas; accesses that pinned one are told to let go first. */
export function unmapAreas(ioas: Ioas, plan: UnmapPlan): void {
  for (const area of plan.areas) {
    if (area.accesses > 0) {
      for (const access of ioas.accesses) access.onUnmap(area.first, area.last);
    }
    assert(area.accesses === 0, "every access let go of the area");
    ioas.removeArea(area);
  }
}
