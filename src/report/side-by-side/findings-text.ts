/** The findings of a trace under several profiles: those of all first, then those of some. */

import { SEVERITIES, type Severity } from "../../checkers/finding.js";
import type { ProfileId } from "../../engine/profile/index.js";
import { printable } from "../../replay/printable.js";
import type { EventLines } from "../check-text.js";
import { listed, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { isCommon, type MatchedFinding, type Standing, severitiesOf } from "./match-findings.js";
import type { ComparedTrace } from "./profiles-report.js";
import { everyOne, type ProfilesTextOptions, TEXT_COLUMNS } from "./text-options.js";

/** Findings of one rule that stand alike: the first is shown, the others are counted. */
type SameKind = readonly [MatchedFinding, ...MatchedFinding[]];

/** Findings on which all profiles agree. */
export function alikeLines(
  { runs, findings }: ComparedTrace,
  { style, findings_max }: ProfilesTextOptions,
): string[] {
  const ids = runs.map(({ profile }) => profile);
  const common = findings.filter(isCommon);
  const kinds = kindsOf(common);
  return [
    "",
    style.bold(`Found under ${everyOne(ids)} (${count(common.length)})`),
    ...(kinds.length === 0 ? ["  nothing"] : []),
    ...kinds.slice(0, findings_max).flatMap((kind) => headLines(kind, style)),
    ...moreLine(kinds.length - findings_max),
  ];
}

/** Findings that not all profiles have, or not as severe, by the profiles that have them. */
export function differentLines(
  trace: ComparedTrace,
  lines: EventLines,
  { style, findings_max }: ProfilesTextOptions,
): string[] {
  return groupsOf(trace).flatMap(([title, group]) => {
    const kinds = kindsOf(group);
    return [
      "",
      style.bold(`${title} (${count(group.length)})`),
      ...kinds.slice(0, findings_max).flatMap((kind) => kindLines(kind, lines, style)),
      ...moreLine(kinds.length - findings_max),
    ];
  });
}

/** The seqs whose events the text will show. */
export function seqsToShow(
  trace: ComparedTrace,
  { findings_max }: Pick<ProfilesTextOptions, "findings_max">,
): Set<number> {
  const shown = groupsOf(trace).flatMap(([, group]) => kindsOf(group).slice(0, findings_max));
  return new Set(shown.map(([{ seq }]) => seq));
}

/** Findings on which the profiles do not agree, by who has them. */
function groupsOf({ runs, findings }: ComparedTrace): [title: string, MatchedFinding[]][] {
  const all = everyOne(runs.map(({ profile }) => profile));
  const groups = new Map<string, MatchedFinding[]>();
  for (const finding of findings.filter((one) => !isCommon(one))) {
    const title = titleOf(finding, all);
    groups.set(title, [...(groups.get(title) ?? []), finding]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function titleOf({ under }: MatchedFinding, all: string): string {
  const having = under.filter(({ status }) => status === "found").map(({ profile }) => profile);
  const others = under.filter(({ status }) => status !== "found").map(({ profile }) => profile);
  if (others.length === 0) return `Found under ${all}, not as severe everywhere`;
  if (under.length === 2) return `Found only under ${listed(having)}`;
  return `Found under ${listed(having)}, not under ${listed(others, "or")}`;
}

/** By rule, the most severe first. */
function kindsOf(findings: readonly MatchedFinding[]): SameKind[] {
  const kinds = new Map<string, [MatchedFinding, ...MatchedFinding[]]>();
  for (const finding of findings) {
    const key = [finding.rule, ...severitiesOf(finding)].join(" ");
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, [finding]);
    else known.push(finding);
  }
  const rank = ([first]: SameKind): number =>
    Math.min(...severitiesOf(first).map((severity) => SEVERITIES.indexOf(severity)));
  return [...kinds.values()].sort((a, b) => rank(a) - rank(b));
}

const PLACES_SHOWN = 4;

/** Rule, severity where there is one, and places; then what was found first. */
function headLines(kind: SameKind, style: Style): string[] {
  const [first] = kind;
  const severities = severitiesOf(first);
  const [severity = "info"] = severities;
  const shown = severities.length > 1 ? "" : `${word(severity, style)} `;
  const places = kind.slice(0, PLACES_SHOWN).map(({ seq }) => `#${seq}`);
  const left = kind.length - places.length;
  const at = left > 0 ? `${places.join(", ")} and ${count(left)} more` : listed(places);
  return [
    `  ${shown}${style.bold(first.rule)} at ${at}`,
    ...wrapped(printable(first.message), "    ", TEXT_COLUMNS),
  ];
}

function kindLines(kind: SameKind, lines: EventLines, style: Style): string[] {
  const [{ seq, under }] = kind;
  const line = lines.get(seq);
  const several = severitiesOf(kind[0]).length > 1;
  const standings = new Map<string, ProfileId[]>();
  for (const standing of under) {
    for (const text of standingTexts(standing, several, style)) {
      standings.set(text, [...(standings.get(text) ?? []), standing.profile]);
    }
  }
  return [
    ...headLines(kind, style),
    ...(line === undefined ? [] : [style.dim(`    #${seq} ${line}`)]),
    ...[...standings].map(([text, ids]) => `    ${ids.join(", ")}: ${text}`),
  ];
}

/** What one profile says, where it is not what the heading says already. */
function standingTexts(standing: Standing, several: boolean, style: Style): string[] {
  switch (standing.status) {
    case "found":
      return several ? [word(standing.severity, style)] : [];
    case "rule_not_applied":
      return ["the rule does not hold there, nobody looked"];
    case "unknown":
      return standing.reasons.map((reason) => `not certain, ${printable(reason)}`);
    case "silent": {
      const { parted_at } = standing;
      const where = parted_at === undefined ? "" : `; the runs part at #${parted_at}`;
      return [`looked at and not found${where}`];
    }
  }
}

function word(severity: Severity, style: Style): string {
  if (severity === "error") return style.red(severity);
  return severity === "warning" ? style.yellow(severity) : style.cyan(severity);
}

function moreLine(left: number): string[] {
  return left > 0 ? [`  … and ${counted(left, "more rule")} (--format json shows all)`] : [];
}
