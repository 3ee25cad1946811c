/** What an IOAS translates, as runs: areas that abut and go on in the same memory are one run. */

import { isList, type StateObject } from "../state/state-value.js";
import { isObject, type StateView, textOf } from "./state-view.js";

export interface MappingRun {
  readonly first: bigint;
  readonly last: bigint;
  readonly rights: string;
  /** The memory, by the name of the thing; addresses of a process count as one kind of memory. */
  readonly memory: string;
  /** Offset in the memory, in bytes; undefined where it is an address and says nothing. */
  readonly offset: bigint | undefined;
}

/** Runs in ascending order; made while they are read. */
export function* mappingRuns(ioas: StateObject, view: StateView): Generator<MappingRun> {
  const { areas } = ioas;
  if (areas === undefined || !isList(areas)) return;
  let open: MappingRun | undefined;
  for (const area of areas) {
    if (!isObject(area)) continue;
    const run = runOf(area, view);
    if (open !== undefined && continues(open, run)) open = { ...open, last: run.last };
    else {
      if (open !== undefined) yield open;
      open = run;
    }
  }
  if (open !== undefined) yield open;
}

const PRIVATE = "private memory";

function runOf(area: StateObject, view: StateView): MappingRun {
  const memory = textOf(area, "memory") ?? "";
  const isAddress = memory.startsWith("address space ");
  const disabled = area["disabled"] === true ? " (revoked)" : "";
  return {
    first: BigInt(textOf(area, "first") ?? 0),
    last: BigInt(textOf(area, "last") ?? 0),
    rights: textOf(area, "rights") ?? "",
    memory: (isAddress ? PRIVATE : view.objectOf(memory)) + disabled,
    offset: isAddress ? undefined : BigInt(textOf(area, "offset") ?? 0),
  };
}

function continues(run: MappingRun, next: MappingRun): boolean {
  if (run.last + 1n !== next.first || run.rights !== next.rights) return false;
  if (run.memory !== next.memory) return false;
  return run.offset === undefined
    ? next.offset === undefined
    : next.offset === run.offset + (next.first - run.first);
}
