/**
 * Routine calls: the few calls that make up nearly all of a busy trace, in the form in which nearly
 * all of them come. They are carried out on plain numbers, without an event, an outcome or a
 * transition. Whatever is not plain goes the ordinary way, which knows everything; both ways leave
 * the same state, and a test holds them to it.
 *
 * A call is routine when the model accepts it, the record (where there is one) says that the kernel
 * did too, and nobody could have anything to say about it: see `Listeners.routine` of the rules.
 */

import type { Area } from "../iommufd/areas.js";
import type { Ioas } from "../iommufd/ioas.js";
import type { AreaSource } from "../iommufd/unsettled-areas.js";
import type { Process } from "../process/process.js";

export type RoutineKind = "map" | "map_file" | "unmap";

/** The uapi names of the operations. */
export const ROUTINE_OPS: Readonly<Record<RoutineKind, string>> = {
  map: "IOMMU_IOAS_MAP",
  map_file: "IOMMU_IOAS_MAP_FILE",
  unmap: "IOMMU_IOAS_UNMAP",
};

/** Stands for a number that the line does not have. */
export const ABSENT = -1;

/**
 * One call. The same object is used again for the next one. Every number is at most
 * Number.MAX_SAFE_INTEGER; a line with a larger one is no routine call.
 */
export class RoutineCall {
  kind: RoutineKind = "map";
  seq = 0;
  /** Time of the call and of its return in ns, or ABSENT. */
  ts = ABSENT;
  ts_end = ABSENT;
  pid = 0;
  /** Thread, or ABSENT. */
  tid = ABSENT;
  fd = 0;
  /** Address of the struct, or ABSENT. */
  arg = ABSENT;
  /** The line holds the kernel's answer: success. */
  recorded = false;
  /** Fields of the struct; `address` is user_va or start. */
  flags = 0;
  ioas_id = 0;
  file_fd = 0;
  address = 0;
  length = 0;
  iova = 0;

  /** What `prepare` found. */
  process: Process | undefined;
  ioas: Ioas | undefined;
  source: AreaSource | undefined;
  area: Area | undefined;
}
