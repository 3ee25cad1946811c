/** Sorts blind mutants: what was harmless, what was told, what is known, and what is open. */

import {
  BLIND_CHANGES,
  type BlindChange,
  type BlindMutant,
  blindMutants,
  operationOf,
  rootsOf,
} from "./blind.js";
import { KNOWN_HARMLESS, KNOWN_SILENT, KNOWN_TWO, type Known } from "./blind-known.js";
import { readProgram, traceNames } from "./traces.js";

export interface BlindScore {
  readonly change: BlindChange;
  readonly made: number;
  /** Nothing is otherwise than it was, and nothing is found. */
  readonly harmless: number;
  /** Harm was done, and one rule is blamed for it. */
  readonly told: number;
  /** How many there are of what the tables of known cases explain. */
  readonly known: ReadonlyMap<string, number>;
  /** What nobody has an explanation for: misses, false alarms, wrong blame. */
  readonly open: readonly string[];
}

/** Happy paths: nothing is to be found in them but information. */
export const HAPPY: readonly RegExp[] = [
  /\/S01-/,
  /\/S02-/,
  /\/S03-two-devices/,
  /\/S04-/,
  /\/S06-/,
  /\/S07-/,
  /\/S09-/,
  /\/S10-/,
  /\/S103-/,
  /\/S33-/,
  /\/S34-/,
  /\/S36-crash/,
  /\/S37-crash-after/,
  /\/S45-/,
  /\/S54-hole-punched-after-map/,
  /\/X01-/,
  /\/X04-/,
  /\/X10-/,
];

/** Scores of every blind change of the happy paths, or of those whose name fits. */
export function blindScores(of: readonly RegExp[] = HAPPY): BlindScore[] {
  const names = traceNames("scenarios").filter((name) => of.some((one) => one.test(name)));
  return BLIND_CHANGES.map((change) => {
    const mutants = names.flatMap((name) => [...blindMutants(readProgram(name), change)]);
    return scoreOf(change, mutants);
  });
}

function scoreOf(change: BlindChange, mutants: readonly BlindMutant[]): BlindScore {
  const known = new Map<string, number>();
  const open: string[] = [];
  let [harmless, told] = [0, 0];
  for (const mutant of mutants) {
    const roots = rootsOf(mutant).length;
    const harmed = mutant.harm.length > 0;
    if (!harmed && roots === 0) harmless++;
    else if (harmed && roots === 1) told++;
    else {
      const table = roots > 1 ? KNOWN_TWO : harmed ? KNOWN_SILENT : KNOWN_HARMLESS;
      const reason = reasonIn(table, mutant, change);
      if (reason === undefined) open.push(textOf(mutant, change));
      else known.set(reason, (known.get(reason) ?? 0) + 1);
    }
  }
  return { change, made: mutants.length, harmless, told, known, open };
}

function reasonIn(
  table: readonly Known[],
  mutant: BlindMutant,
  change: BlindChange,
): string | undefined {
  return table.find(({ fits }) => fits(mutant, change))?.reason;
}

function textOf(mutant: BlindMutant, change: BlindChange): string {
  const { program, moment, harm } = mutant;
  const what = `${change} ${operationOf(moment)}, ${program.trace.name} #${moment.event.seq}`;
  const blamed = rootsOf(mutant).join(" ") || "nobody";
  return `${what}: blamed ${blamed}; harm: ${harm.slice(0, 3).join(" | ") || "none"}`;
}
