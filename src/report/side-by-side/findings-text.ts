/** The findings of a trace under several profiles: those of all first, then those of some. */

import { SEVERITIES, type Severity } from "../../checkers/finding.js";
import { printable } from "../../replay/printable.js";
import type { EventLines } from "../check-text.js";
import { listed, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { isCommon, type MatchedFinding, type Standing, severitiesOf } from "./match-findings.js";
import type { ComparedTrace } from "./profiles-report.js";
import { everyOne, type ProfilesTextOptions, TEXT_COLUMNS } from "./text-options.js";

/** Findings on which all profiles agree: the first of each rule, the others counted. */
export function alikeLines(
  { runs, findings }: ComparedTrace,
  { style, findings_max }: ProfilesTextOptions,
): string[] {
  const ids = runs.map(({ profile }) => profile);
  const common = bySeverity(findings.filter(isCommon));
  const lines = ["", style.bold(`Found under ${everyOne(ids)} (${count(common.length)})`)];
  if (common.length === 0) return [...lines, "  nothing"];
  const byRule = new Map<string, MatchedFinding[]>();
  for (const finding of common) {
    const key = [finding.rule, ...severitiesOf(finding)].join(" ");
    byRule.set(key, [...(byRule.get(key) ?? []), finding]);
  }
  for (const [first, ...more] of [...byRule.values()].slice(0, findings_max)) {
    if (first === undefined) continue;
    const [severity = "info"] = severitiesOf(first);
    const others = more.length === 0 ? "" : `, and ${count(more.length)} more of this rule`;
    lines.push(
      `  ${word(severity, style)} ${style.bold(first.rule)} at #${first.seq}${others}`,
      ...wrapped(printable(first.message), "    ", TEXT_COLUMNS),
    );
  }
  return [...lines, ...moreLine(byRule.size - findings_max, "rule")];
}

/** Findings that not all profiles have, or not as severe, by the profiles that have them. */
export function differentLines(
  { runs, findings }: ComparedTrace,
  lines: EventLines,
  options: ProfilesTextOptions,
): string[] {
  const { style, findings_max } = options;
  const ids = runs.map(({ profile }) => profile);
  const groups = new Map<string, MatchedFinding[]>();
  for (const finding of findings.filter((one) => !isCommon(one))) {
    const title = titleOf(finding, everyOne(ids));
    groups.set(title, [...(groups.get(title) ?? []), finding]);
  }
  const text: string[] = [];
  for (const [title, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text.push("", style.bold(`${title} (${count(group.length)})`));
    for (const finding of bySeverity(group).slice(0, findings_max)) {
      text.push(...findingLines(finding, lines, style));
    }
    text.push(...moreLine(group.length - findings_max, "finding"));
  }
  return text;
}

/** The seqs whose events the text will show. */
export function seqsToShow(
  { findings }: ComparedTrace,
  { findings_max }: Pick<ProfilesTextOptions, "findings_max">,
): Set<number> {
  const different = bySeverity(findings.filter((one) => !isCommon(one)));
  // Each group shows so many: no more than this many of all of them are needed for one.
  const groups = new Map<string, number>();
  const seqs = new Set<number>();
  for (const finding of different) {
    const title = titleOf(finding, "");
    const shown = groups.get(title) ?? 0;
    groups.set(title, shown + 1);
    if (shown < findings_max) seqs.add(finding.seq);
  }
  return seqs;
}

function titleOf({ under }: MatchedFinding, all: string): string {
  const having = under.filter(({ status }) => status === "found").map(({ profile }) => profile);
  const others = under.filter(({ status }) => status !== "found").map(({ profile }) => profile);
  if (others.length === 0) return `Found under ${all}, not as severe everywhere`;
  if (under.length === 2) return `Found only under ${listed(having)}`;
  return `Found under ${listed(having)}, not under ${listed(others, "or")}`;
}

function findingLines(finding: MatchedFinding, lines: EventLines, style: Style): string[] {
  const severities = severitiesOf(finding);
  const [severity = "info"] = severities;
  const line = lines.get(finding.seq);
  const differs =
    severities.length > 1
      ? finding.under.flatMap((one) =>
          one.status === "found" ? [`    ${one.profile}: ${word(one.severity, style)}`] : [],
        )
      : [];
  const shown = severities.length > 1 ? "" : `${word(severity, style)} `;
  return [
    `  ${shown}${style.bold(finding.rule)} at #${finding.seq}`,
    ...wrapped(printable(finding.message), "    ", TEXT_COLUMNS),
    ...(line === undefined ? [] : [style.dim(`    #${finding.seq} ${line}`)]),
    ...differs,
    ...finding.under.flatMap((one) => absenceLines(one)),
  ];
}

function absenceLines(standing: Standing): string[] {
  const { profile } = standing;
  switch (standing.status) {
    case "found":
      return [];
    case "rule_not_applied":
      return [`    ${profile}: the rule does not hold there, nobody looked`];
    case "unknown":
      return standing.reasons.map((reason) => `    ${profile}: not certain, ${printable(reason)}`);
    case "silent": {
      const where =
        standing.parted_at === undefined ? "" : `; the runs part at #${standing.parted_at}`;
      return [`    ${profile}: looked at and not found${where}`];
    }
  }
}

function bySeverity(findings: readonly MatchedFinding[]): MatchedFinding[] {
  const rank = (finding: MatchedFinding): number =>
    Math.min(...severitiesOf(finding).map((severity) => SEVERITIES.indexOf(severity)));
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function word(severity: Severity, style: Style): string {
  if (severity === "error") return style.red(severity);
  return severity === "warning" ? style.yellow(severity) : style.cyan(severity);
}

function moreLine(left: number, noun: string): string[] {
  return left > 0 ? [`  … and ${counted(left, `more ${noun}`)} (--format json shows all)`] : [];
}
