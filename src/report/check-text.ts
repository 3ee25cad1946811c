/** Findings for people: most severe first, each with what proves it and what to do. */

import { type Finding, SEVERITIES, type Severity } from "../checkers/finding.js";
import { printable } from "../replay/printable.js";
import { type CheckedTrace, countSeverities } from "./check-report.js";
import { count, counted } from "./number-text.js";
import type { Style } from "./style.js";

/** Decoded lines of witnessed events, by seq. */
export type EventLines = ReadonlyMap<number, string>;

/** How much of the findings the text shows. */
export interface CheckTextLimits {
  /** Findings of one rule that are shown in full; the rest is counted. */
  readonly findings_per_rule_max: number;
  /** Witnesses of one finding that are shown. */
  readonly witness_max: number;
}

export interface CheckTextOptions extends CheckTextLimits {
  readonly style: Style;
}

/** The seqs whose events the text will show. */
export function seqsToShow(trace: CheckedTrace, options: CheckTextLimits): Set<number> {
  const seqs = new Set<number>();
  for (const findings of groups(trace.findings)) {
    for (const finding of findings.slice(0, options.findings_per_rule_max)) {
      seqs.add(finding.seq);
      for (const seq of finding.witness.slice(-options.witness_max)) seqs.add(seq);
    }
  }
  return seqs;
}

/** Text about one trace, ending in a newline. */
export function checkText(
  trace: CheckedTrace,
  lines: EventLines,
  options: CheckTextOptions,
): string {
  const parts = [header(trace, options.style)];
  for (const findings of groups(trace.findings)) {
    for (const finding of findings.slice(0, options.findings_per_rule_max)) {
      parts.push("", ...findingText(finding, lines, options));
    }
    const left = findings.length - options.findings_per_rule_max;
    if (left > 0) {
      const rule = printable(findings[0]?.rule ?? "");
      parts.push("", `  … and ${count(left)} more of ${rule} (--format json shows all)`);
    }
  }
  const rules = [...new Set(trace.findings.map(({ rule }) => rule))];
  if (rules.length > 0) parts.push("", ...advice(rules));
  return `${parts.join("\n")}\n`;
}

function header(trace: CheckedTrace, style: Style): string {
  const verdict = { pass: style.green("PASS"), fail: style.red("FAIL"), unknown: "UNKNOWN" };
  const counts = countSeverities(trace.findings);
  const found = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) =>
    severity === "info" ? `${count(counts.info)} info` : counted(counts[severity], severity),
  );
  const summary = found.length === 0 ? "no findings" : found.join(", ");
  const lines = [
    `${style.bold(printable(trace.path))}: ${verdict[trace.verdict]}, ${summary}` +
      ` (${counted(trace.events, "event")}, profile ${printable(trace.profile)})`,
  ];
  for (const reason of trace.reasons) lines.push(`  not certain: ${printable(reason)}`);
  if (trace.unrecorded > 0) {
    lines.push(
      style.dim(
        `  ${counted(trace.unrecorded, "call")} without a recorded result:` +
          " what the model answers is taken for it",
      ),
    );
  }
  for (const [kind, lines_skipped] of Object.entries(trace.skipped)) {
    lines.push(
      style.dim(`  left out: ${counted(lines_skipped, "line")} of kind ${printable(kind)}`),
    );
  }
  return lines.join("\n");
}

/** Findings by severity, then by rule in the order of their first event. */
function groups(findings: readonly Finding[]): Finding[][] {
  const found: Finding[][] = [];
  for (const severity of SEVERITIES) {
    const byRule = new Map<string, Finding[]>();
    for (const finding of findings) {
      if (finding.severity !== severity) continue;
      byRule.set(finding.rule, [...(byRule.get(finding.rule) ?? []), finding]);
    }
    found.push(...byRule.values());
  }
  return found;
}

function findingText(
  finding: Finding,
  lines: EventLines,
  { style, witness_max }: CheckTextOptions,
): string[] {
  const times = finding.count > 1 ? `, ${count(finding.count)} times` : "";
  const text = [
    `${severityWord(finding.severity, style)} ${style.bold(printable(finding.rule))}` +
      ` at #${finding.seq}${times}`,
    `  ${printable(finding.message)}`,
  ];
  if (finding.objects.length > 0) {
    text.push(`  objects: ${finding.objects.map(printable).join(", ")}`);
  }
  const line = lines.get(finding.seq);
  if (line !== undefined) text.push(`  #${finding.seq} ${style.dim(line)}`);
  const witness = finding.witness.slice(-witness_max);
  const hidden = finding.witness.length - witness.length;
  if (hidden > 0) text.push(`  because of ${counted(hidden, "earlier event")} not shown, and`);
  for (const seq of witness) {
    text.push(`  because of #${seq} ${style.dim(lines.get(seq) ?? "")}`.trimEnd());
  }
  for (const cause of finding.caused_by ?? []) {
    text.push(`  caused by ${style.cyan(printable(cause.rule))} at #${cause.seq}`);
  }
  return text;
}

function severityWord(severity: Severity, style: Style): string {
  if (severity === "error") return style.red(severity);
  return severity === "warning" ? style.yellow(severity) : style.cyan(severity);
}

const RULES_NAMED = 5;

function advice(rules: readonly string[]): string[] {
  const named = rules.slice(0, RULES_NAMED).map((rule) => `  lutrace explain ${printable(rule)}`);
  const more = rules.length > RULES_NAMED ? [`  … (${count(rules.length)} rules in all)`] : [];
  return ["What a finding means and what to do about it:", ...named, ...more];
}
