/** How many mutants each rule's faults make, and what became of them. */

import type { Mutation } from "./mutation.js";
import { type MutantResult, placesOf, runPlace } from "./run.js";

/** The sum over mutants. */
export interface Score {
  readonly made: number;
  /** The owner has a finding where the fault is. */
  readonly found: number;
  /** Another rule is blamed for it. */
  readonly blamed: number;
}

/** What came of all places of one mutation. */
export interface MutationScore extends Score {
  readonly mutation: Mutation;
  /** Mutants that were not found, or for which others are blamed. */
  readonly failed: readonly MutantResult[];
}

/**
 * Makes the mutants of a mutation and scores them.
 *
 * @param most At most so many, spread over all places; default: all.
 */
export function scoreOf(mutation: Mutation, most = Number.POSITIVE_INFINITY): MutationScore {
  const places = placesOf(mutation);
  const stride = Math.max(1, Math.ceil(places.length / most));
  const results = places
    .filter((_, nth) => nth % stride === 0)
    .map(runPlace)
    .filter((result) => result !== undefined);
  const failed = results.filter(({ found, blamed }) => !found || blamed.length > 0);
  return { mutation, ...sumOf(results), failed };
}

function sumOf(results: readonly MutantResult[]): Score {
  return {
    made: results.length,
    found: results.filter(({ found }) => found).length,
    blamed: results.filter(({ blamed }) => blamed.length > 0).length,
  };
}

/** Scores by rule, in the order in which the rules come. */
export function byRule(scores: readonly MutationScore[]): Map<string, Score> {
  const rules = new Map<string, Score>();
  for (const { mutation, made, found, blamed } of scores) {
    const sum = rules.get(mutation.rule) ?? { made: 0, found: 0, blamed: 0 };
    rules.set(mutation.rule, {
      made: sum.made + made,
      found: sum.found + found,
      blamed: sum.blamed + blamed,
    });
  }
  return rules;
}

export function total(scores: readonly Score[]): Score {
  return scores.reduce((sum, { made, found, blamed }) => ({
    made: sum.made + made,
    found: sum.found + found,
    blamed: sum.blamed + blamed,
  }));
}

/** One mutant that failed, for people. */
export function failureText({ mutation, trace, seq, found, blamed }: MutantResult): string {
  const what = found ? "found" : "missed";
  const others = blamed.length > 0 ? `, blamed: ${blamed.join(" ")}` : "";
  return `${mutation.rule}: ${mutation.fault}; ${trace} #${seq}: ${what}${others}`;
}
