/** The document of `check` under several profiles, and what its text is made from. */

import type { Finding } from "../../checkers/finding.js";
import type { ProfileId } from "../../engine/profile/index.js";
import type { CallCounts } from "../../replay/replay.js";
import {
  countSeverities,
  type FailedTrace,
  type SeverityCounts,
  type Verdict,
} from "../check-report.js";
import { isCommon, type MatchedFinding } from "./match-findings.js";
import type { CallDifference, Parting } from "./partings.js";

/** A trace judged by one of the profiles. */
export interface ProfileRun {
  readonly profile: ProfileId;
  readonly verdict: Verdict;
  /** Why the verdict is not `pass` although no error was found. */
  readonly reasons: readonly string[];
  readonly summary: SeverityCounts;
  /** As `lutrace replay` counts them: how well the profile fits what was recorded. */
  readonly calls: CallCounts;
  /** Number of rules that hold under the profile. */
  readonly rules: number;
  /** Rules that hold under another of the profiles and not under this one. */
  readonly rulesNotApplied: readonly string[];
  readonly findings: readonly Finding[];
}

/** A trace judged by several profiles. */
export interface ComparedTrace {
  readonly path: string;
  readonly events: number;
  /** The profile that the trace itself names; null where it names none. */
  readonly headerProfile: ProfileId | null;
  /** Lines that were left out, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The profiles give one verdict, the same findings and the same answers. */
  readonly same: boolean;
  readonly runs: readonly ProfileRun[];
  /** Every fault that some profile finds, in the order of events. */
  readonly findings: readonly MatchedFinding[];
  /** For each profile but the first that goes another way: where it does. */
  readonly partings: readonly Parting[];
  readonly calls: readonly CallDifference[];
  /** Calls with differing answers beyond the kinds in `calls`. */
  readonly callsLeftOut: number;
}

export interface ProfilesReport {
  readonly version: 1;
  readonly profiles: readonly ProfileId[];
  readonly traces: readonly ComparedTrace[];
  readonly summary: Readonly<Record<string, SeverityCounts>>;
  readonly errors?: readonly FailedTrace[];
}

export function profilesReport(
  profiles: readonly ProfileId[],
  traces: readonly ComparedTrace[],
  errors: readonly FailedTrace[] = [],
): ProfilesReport {
  const summary = profiles.map((id): [string, SeverityCounts] => {
    const own = traces.flatMap(({ runs }) => runs.filter(({ profile }) => profile === id));
    return [id, countSeverities(own.flatMap(({ findings }) => findings))];
  });
  return {
    version: 1,
    profiles,
    traces,
    summary: Object.fromEntries(summary),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** True when nothing about the trace depends on which of the profiles judges it. */
export function agrees({
  runs,
  findings,
  partings,
  calls,
}: Pick<ComparedTrace, "runs" | "findings" | "partings" | "calls">): boolean {
  const verdicts = new Set(runs.map(({ verdict }) => verdict));
  return (
    verdicts.size === 1 && findings.every(isCommon) && partings.length === 0 && calls.length === 0
  );
}
