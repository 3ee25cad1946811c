/** The document of `rules --coverage --format json`, and what its text is made from. */

import { basename, dirname } from "node:path";
import { limitsOf, NOT_CHECKED, type NotChecked } from "../../checkers/limits.js";
import type { Rule } from "../../checkers/rule.js";
import type { ProfileId } from "../../engine/profile/index.js";
import type { FailedTrace } from "../check-report.js";
import type { JudgedTrace } from "./judged-traces.js";

export interface ProfileCoverage {
  /** Traces judged by this profile in which the rule finds something, and nothing. */
  readonly fires: number;
  readonly silent: number;
}

export interface RuleCoverage {
  readonly rule: string;
  /** Paths of the traces in which it finds something. */
  readonly fires: readonly string[];
  /** Traces in which it holds and finds nothing. */
  readonly silent: number;
  /** Those of them that are told for this rule: they lie in a folder with its name. */
  readonly nearMisses: readonly string[];
  /** For each profile in which the rule holds. */
  readonly profiles: Readonly<Partial<Record<ProfileId, ProfileCoverage>>>;
  /** Profiles in which the rule holds and no trace makes it fire. */
  readonly neverFiresUnder: readonly ProfileId[];
  /** What the rule does not see although its obligation speaks of it. */
  readonly limits: readonly string[];
}

export interface CoverageReport {
  readonly version: 1;
  readonly folder: string;
  readonly traces: number;
  /** Traces without an expectation, which were judged for this report. */
  readonly judgedNow: readonly string[];
  readonly rules: readonly RuleCoverage[];
  readonly notExercised: {
    /** Rules that fire in no trace. */
    readonly neverFires: readonly string[];
    /** Rules that are silent in no trace in which they hold. */
    readonly neverSilent: readonly string[];
  };
  /** What no rule looks at. */
  readonly notChecked: readonly NotChecked[];
  readonly errors?: readonly FailedTrace[];
}

export interface CoverageOf {
  readonly folder: string;
  readonly traces: readonly JudgedTrace[];
  readonly rules: readonly Rule[];
  readonly errors?: readonly FailedTrace[];
}

export function coverageReport({ folder, traces, rules, errors }: CoverageOf): CoverageReport {
  const covered = rules.map((rule) => ruleCoverage(rule, traces));
  const idsWhere = (holds: (one: RuleCoverage) => boolean): string[] =>
    covered.filter(holds).map(({ rule }) => rule);
  return {
    version: 1,
    folder,
    traces: traces.length,
    judgedNow: traces.filter(({ judged_now }) => judged_now).map(({ path }) => path),
    rules: covered,
    notExercised: {
      neverFires: idsWhere(({ fires }) => fires.length === 0),
      neverSilent: idsWhere(({ silent }) => silent === 0),
    },
    notChecked: NOT_CHECKED,
    ...(errors === undefined || errors.length === 0 ? {} : { errors }),
  };
}

function ruleCoverage(rule: Rule, traces: readonly JudgedTrace[]): RuleCoverage {
  const holding = traces.filter(({ profiles }) =>
    profiles.some((id) => rule.profiles.includes(id)),
  );
  const firing = holding.filter(({ fired }) => fired.has(rule.id));
  const silent = holding.filter(({ fired }) => !fired.has(rule.id));
  const under = (all: readonly JudgedTrace[], id: ProfileId): number =>
    all.filter(({ profiles }) => profiles.includes(id)).length;
  const profiles = rule.profiles.map((id): [ProfileId, ProfileCoverage] => [
    id,
    { fires: under(firing, id), silent: under(silent, id) },
  ]);
  return {
    rule: rule.id,
    fires: firing.map(({ path }) => path),
    silent: silent.length,
    nearMisses: silent
      .map(({ path }) => path)
      .filter((path) => basename(dirname(path)) === rule.id),
    profiles: Object.fromEntries(profiles),
    neverFiresUnder: profiles.filter(([, { fires }]) => fires === 0).map(([id]) => id),
    limits: limitsOf(rule.id),
  };
}
