/** The table of `check --timing`. */

import type { StageTimes } from "../replay/stage-times.js";

const NS_PER_MS = 1e6;
const RULES_MAX = 15;

/** What a check spent on each stage, and on each rule. */
export interface CheckTiming {
  /** One after the other: reading with decoding, the emulated machine, the rules. */
  readonly stages: StageTimes;
  /** Parts of the rules' time, by rule. */
  readonly rules: StageTimes;
}

/** Stages first, then the most expensive rules. Rules' times hold the cost of the clock. */
export function timingText(path: string, { stages, rules }: CheckTiming): string {
  const rows = [...table(stages.entries()), ...table(rules.entries().slice(0, RULES_MAX))];
  return `${[`timing of ${path}`, ...rows].join("\n")}\n`;
}

function table(entries: readonly (readonly [string, bigint])[]): string[] {
  return entries.map(([name, spent_ns]) => {
    const ms = (Number(spent_ns) / NS_PER_MS).toFixed(1);
    return `${ms.padStart(10)} ms  ${name}`;
  });
}
