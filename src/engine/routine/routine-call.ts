/**
 * Routine calls: the few calls that make up nearly all of a busy trace, in the form in which nearly
 * all of them come. They are carried out on plain numbers, without an event, an outcome or a
 * transition. Whatever is not plain goes the ordinary way, which knows everything; both ways leave
 * the same state, and a test holds them to it.
 *
 * A call is routine when the model accepts it, the record (where there is one) says that the kernel
 * did too, and nobody could have anything to say about it: see `Listeners.routine` of the rules.
 */

import type { PlainDma } from "../dma/plain-dma.js";
import type { EventType } from "../event/index.js";
import type { Area } from "../iommufd/areas.js";
import type { Ioas } from "../iommufd/ioas.js";
import type { AreaSource } from "../iommufd/unsettled-areas.js";
import type { Memfd } from "../memory/memfd.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { Process } from "../process/process.js";
import type { PciDevice } from "../vfio/pci-device.js";

export type RoutineKind =
  | "map"
  | "map_file"
  | "unmap"
  | "dma"
  | "cpu_write"
  | "note"
  | "open"
  | "close";

/** What each kind is in a trace: the type of an event, and the operation of an ioctl. */
export const ROUTINE_EVENTS = {
  map: { type: "ioctl", op: "IOMMU_IOAS_MAP" },
  map_file: { type: "ioctl", op: "IOMMU_IOAS_MAP_FILE" },
  unmap: { type: "ioctl", op: "IOMMU_IOAS_UNMAP" },
  /** A transfer without a PASID that the trace saw reach memory. */
  dma: { type: "dma", op: undefined },
  /** Unknown bytes that a process stored in a file. */
  cpu_write: { type: "cpu_write", op: undefined },
  note: { type: "note", op: undefined },
  /** Of a file that the model does not look into. */
  open: { type: "open", op: undefined },
  close: { type: "close", op: undefined },
} as const satisfies Readonly<Record<RoutineKind, RoutineEvent>>;

interface RoutineEvent {
  readonly type: EventType;
  readonly op: string | undefined;
}

/** All kinds; `RoutineCall.index` is a place in it. */
export const ROUTINE_KINDS = Object.keys(ROUTINE_EVENTS) as readonly RoutineKind[];

/** Stands for a number that the line does not have. */
export const ABSENT = -1;

/**
 * One call. The same object is used again for the next one. Every number is at most
 * Number.MAX_SAFE_INTEGER; a line with a larger one is no routine call.
 */
export class RoutineCall implements PlainDma {
  kind: RoutineKind = "map";
  /** Place of `kind` in ROUTINE_KINDS: tables that are asked for every call go by it. */
  index = 0;
  seq = 0;
  /** Time of the call and of its return in ns, or ABSENT. */
  ts = ABSENT;
  ts_end = ABSENT;
  /** Process, or ABSENT. */
  pid = 0;
  /** Thread, or ABSENT. */
  tid = ABSENT;
  fd = 0;
  /** Address of the struct, or ABSENT. */
  arg = ABSENT;
  /** The line holds the kernel's answer: success. */
  recorded = false;
  /** Fields of the struct; `address` is user_va, start or the offset in a file. */
  flags = 0;
  ioas_id = 0;
  file_fd = 0;
  address = 0;
  /** In bytes, also of a transfer or a store. */
  length = 0;
  iova = 0;
  /** Of a transfer: who does it, and whether it writes memory. */
  device_name = "";
  write = false;
  /** Of an open; `fd` is the number it got. */
  path = "";

  /** What `prepare` found. */
  process: Process | undefined;
  ioas: Ioas | undefined;
  source: AreaSource | undefined;
  area: Area | undefined;
  device: PciDevice | undefined;
  /** Where the first byte of a transfer lies. */
  object: MemoryObject | undefined;
  offset = 0;
  memfd: Memfd | undefined;

  /** The operation of an ioctl; else the type of the event. */
  get op(): string {
    const { type, op } = ROUTINE_EVENTS[this.kind];
    return op ?? type;
  }
}
