/** The table of the routine calls. */

import { commitPlainDma, preparePlainDma } from "../dma/plain-dma.js";
import type { Machine } from "../machine.js";
import { commitCpuWrite, prepareCpuWrite } from "./cpu-write.js";
import { commitMap, prepareMap } from "./map.js";
import { commitClose, commitOpen, prepareClose, prepareOpen } from "./open.js";
import { ROUTINE_KINDS, type RoutineCall, type RoutineKind } from "./routine-call.js";
import { commitUnmap, prepareUnmap } from "./unmap.js";

interface Routine {
  /** Whether the call is routine: it will succeed, as recorded. Changes nothing but the call. */
  prepare(machine: Machine, call: RoutineCall): boolean;
  /** Makes the changes; only right after `prepare` said yes. */
  commit(machine: Machine, call: RoutineCall): void;
}

const ROUTINES: Readonly<Record<RoutineKind, Routine>> = {
  map: { prepare: prepareMap, commit: commitMap },
  map_file: { prepare: prepareMap, commit: commitMap },
  unmap: { prepare: prepareUnmap, commit: commitUnmap },
  dma: { prepare: preparePlainDma, commit: commitPlainDma },
  cpu_write: { prepare: prepareCpuWrite, commit: commitCpuWrite },
  // A note says something to whoever reads the trace, and nothing to the model.
  note: { prepare: () => true, commit: () => {} },
  open: { prepare: prepareOpen, commit: commitOpen },
  close: { prepare: prepareClose, commit: commitClose },
};

const BY_INDEX: readonly Routine[] = ROUTINE_KINDS.map((kind) => ROUTINES[kind]);

function routineOf({ index }: RoutineCall): Routine {
  return BY_INDEX[index] as Routine;
}

/**
 * Whether the call is routine under the present state: the model accepts it, and it does nothing
 * that takes more than numbers to tell. Nothing is changed but what `call` keeps for
 * `commitRoutine`.
 */
export function prepareRoutine(machine: Machine, call: RoutineCall): boolean {
  return routineOf(call).prepare(machine, call);
}

/** Carries out a call that `prepareRoutine` found to be routine; nothing may come in between. */
export function commitRoutine(machine: Machine, call: RoutineCall): void {
  machine.seq = call.seq;
  routineOf(call).commit(machine, call);
}
