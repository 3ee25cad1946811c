/** The same fault in several runs of one trace: findings matched across profiles. */

import type { Finding, Severity } from "../../checkers/finding.js";
import type { ProfileId } from "../../engine/profile/index.js";

/** What one run says about a fault that some run found. */
export type Standing =
  | { readonly profile: ProfileId; readonly status: "found"; readonly severity: Severity }
  /** The rule holds there and sees nothing wrong; `parted_at`: the run went another way there. */
  | { readonly profile: ProfileId; readonly status: "silent"; readonly parted_at?: number }
  /** The rule holds there and cannot say `pass`. */
  | {
      readonly profile: ProfileId;
      readonly status: "unknown";
      readonly reasons: readonly string[];
    }
  /** The rule is none of this profile: that it says nothing means nothing. */
  | { readonly profile: ProfileId; readonly status: "rule_not_applied" };

/** One fault, and what each profile says about it. */
export interface MatchedFinding {
  readonly rule: string;
  readonly seq: number;
  readonly fingerprint: string;
  readonly message: string;
  readonly objects: readonly string[];
  /** In the order of the profiles. */
  readonly under: readonly Standing[];
}

/** What is needed of a run. */
export interface FindingsOfRun {
  readonly profile: ProfileId;
  readonly findings: readonly Finding[];
  /** Why each rule that took part cannot say `pass`; a rule that took no part is missing. */
  readonly doubts: ReadonlyMap<string, readonly string[]>;
}

/**
 * Matches findings by rule, event, fault and objects, then what is left by rule and event: another
 * message of the same rule about the same thing.
 */
export function matchFindings(
  runs: readonly FindingsOfRun[],
  partedAt: PartedAt,
): MatchedFinding[] {
  const exact = group(runs, ({ rule, seq, fingerprint, objects }) => [
    rule,
    seq,
    fingerprint,
    ...objects,
  ]);
  const merged = mergeLoose(exact);
  return merged
    .map((found) => standingOf(found, runs, partedAt))
    .sort((a, b) => a.seq - b.seq || (a.rule < b.rule ? -1 : 1));
}

/** Where the run that has a finding parts from one that has not; undefined: nowhere. */
type PartedAt = (finding: Finding, pair: readonly [ProfileId, ProfileId]) => number | undefined;

type ByProfile = Map<ProfileId, Finding>;

/** The k-th finding with a key goes with the k-th of the other runs. */
function group(
  runs: readonly FindingsOfRun[],
  keyOf: (finding: Finding) => readonly (string | number)[],
): ByProfile[] {
  const found = new Map<string, ByProfile>();
  for (const { profile, findings } of runs) {
    const times = new Map<string, number>();
    for (const finding of findings) {
      const key = keyOf(finding).join("\0");
      const nth = times.get(key) ?? 0;
      times.set(key, nth + 1);
      const entry = found.get(`${key}\0${nth}`) ?? new Map<ProfileId, Finding>();
      found.set(`${key}\0${nth}`, entry.set(profile, finding));
    }
  }
  return [...found.values()];
}

/**
 * Puts together entries of one rule and event about the same objects; then, since names tell what
 * became of a thing and so depend on the profile, those of one rule and event where it is clear
 * which belong together: no profile has two of them.
 */
function mergeLoose(entries: readonly ByProfile[]): ByProfile[] {
  const byObjects = mergeBy(entries, ({ rule, seq, objects }) => [rule, seq, ...objects]);
  return mergeBy(byObjects, ({ rule, seq }) => [rule, seq]);
}

function mergeBy(
  entries: readonly ByProfile[],
  keyOf: (finding: Finding) => readonly (string | number)[],
): ByProfile[] {
  const groups = new Map<string, ByProfile[]>();
  for (const entry of entries) {
    const [finding] = [...entry.values()] as [Finding];
    const key = keyOf(finding).join("\0");
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap((group) => {
    const pairs = group.flatMap((entry) => [...entry]);
    const merged = new Map(pairs);
    return merged.size === pairs.length ? [merged] : group;
  });
}

function standingOf(
  found: ByProfile,
  runs: readonly FindingsOfRun[],
  partedAt: PartedAt,
): MatchedFinding {
  const [[finder, first]] = [...found] as [[ProfileId, Finding]];
  const { rule, seq, fingerprint, message, objects } = first;
  const under = runs.map(({ profile, doubts }): Standing => {
    const own = found.get(profile);
    if (own !== undefined) return { profile, status: "found", severity: own.severity };
    const reasons = doubts.get(rule);
    if (reasons === undefined) return { profile, status: "rule_not_applied" };
    if (reasons.length > 0) return { profile, status: "unknown", reasons };
    const parted_at = partedAt(first, [finder, profile]);
    return { profile, status: "silent", ...(parted_at === undefined ? {} : { parted_at }) };
  });
  return { rule, seq, fingerprint, message, objects, under };
}

/** The severities under the profiles that found it; more than one where they disagree. */
export function severitiesOf({ under }: MatchedFinding): Severity[] {
  const found = under.flatMap((one) => (one.status === "found" ? [one.severity] : []));
  return [...new Set(found)];
}

/** True when every profile finds it, as severe as the others. */
export function isCommon(finding: MatchedFinding): boolean {
  return (
    finding.under.every(({ status }) => status === "found") && severitiesOf(finding).length === 1
  );
}
