/** IOMMU_IOAS_UNMAP of exactly one area that a routine call made and nobody asked about since. */

import { assert } from "../assert.js";
import type { Machine } from "../machine.js";
import { findRoute } from "./route.js";
import type { RoutineCall } from "./routine-call.js";

/** Whether the call is routine; it notes in it what `commitUnmap` needs. Changes nothing. */
export function prepareUnmap(machine: Machine, call: RoutineCall): boolean {
  const { iova, length } = call;
  const last = iova + length - 1;
  if (length === 0 || last > Number.MAX_SAFE_INTEGER || !findRoute(machine, call, "unmap"))
    return false;
  const { ioas } = call;
  if (ioas === undefined || ioas.areas.seek(iova) !== iova) return false;
  // The tree knows the ends: an area is looked at no more than needed, it is seldom in the cache.
  if (ioas.areas.lastKeyHere() !== last) return false;
  const area = ioas.areas.here();
  if (area === undefined) return false;
  // Whoever holds an area has asked for its memory, so it is settled.
  if (area.unsettled_at < 0 || area.accesses > 0 || area.locks > 0) return false;
  // With its last reference a file goes, and takes more with it.
  if (area.source?.file?.isLastReference === true) return false;
  call.area = area;
  return true;
}

/** Carries out what `prepareUnmap` found to be routine. */
export function commitUnmap(machine: Machine, call: RoutineCall): void {
  const { ioas, area, iova, length } = call;
  assert(ioas !== undefined && area !== undefined, "the call was prepared");
  ioas.areas.removeHere(area, iova, iova + length - 1);
  machine.unsettled.drop(area);
  for (const { dirty } of ioas.domains) dirty?.forget(area);
}
