/** Compares what two IOASes translate, in one walk over both. */

import type { MappingRun } from "./mapping-runs.js";

/** IOVAs that the two translate differently; undefined: nothing is mapped there. */
export interface MappingDifference {
  readonly first: bigint;
  readonly last: bigint;
  readonly a: MappingRun | undefined;
  readonly b: MappingRun | undefined;
}

/** `isSame` says whether two names stand for one piece of memory. */
export function* compareMappings(
  a: Iterator<MappingRun>,
  b: Iterator<MappingRun>,
  isSame: (memoryA: string, memoryB: string) => boolean,
): Generator<MappingDifference> {
  let runA = nextOf(a);
  let runB = nextOf(b);
  while (runA !== undefined || runB !== undefined) {
    const first = lowest(runA?.first, runB?.first);
    const inA = runA?.first === first ? runA : undefined;
    const inB = runB?.first === first ? runB : undefined;
    const last = lowest(inA?.last ?? beforeOf(runA), inB?.last ?? beforeOf(runB));
    const agrees =
      inA !== undefined &&
      inB !== undefined &&
      inA.rights === inB.rights &&
      inA.offset === inB.offset &&
      isSame(inA.memory, inB.memory);
    if (!agrees) yield { first, last, a: inA, b: inB };
    if (inA !== undefined) runA = behind(inA, last) ?? nextOf(a);
    if (inB !== undefined) runB = behind(inB, last) ?? nextOf(b);
  }
}

function nextOf(runs: Iterator<MappingRun>): MappingRun | undefined {
  const { done, value } = runs.next();
  return done === true ? undefined : value;
}

/** The last byte before a run. */
function beforeOf(run: MappingRun | undefined): bigint | undefined {
  return run === undefined ? undefined : run.first - 1n;
}

function lowest(a: bigint | undefined, b: bigint | undefined): bigint {
  if (a === undefined) return b ?? 0n;
  return b === undefined || a < b ? a : b;
}

/** What is left of a run behind `last`. */
function behind(run: MappingRun, last: bigint): MappingRun | undefined {
  if (run.last <= last) return undefined;
  const first = last + 1n;
  const offset = run.offset === undefined ? undefined : run.offset + (first - run.first);
  return { ...run, first, offset };
}
