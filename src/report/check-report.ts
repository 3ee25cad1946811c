/** The document of `check --format json`, and what the text is made from. */

import type { Finding, RuleVerdict, Severity } from "../checkers/finding.js";
import type { UnrecordedCalls } from "../replay/unrecorded.js";

export type Verdict = "pass" | "fail" | "unknown";

export interface CheckedTrace {
  readonly path: string;
  readonly events: number;
  readonly profile: string;
  readonly verdict: Verdict;
  /** Why the verdict is not `pass` although no error was found. */
  readonly reasons: readonly string[];
  /** Calls whose result is not in the trace: the model's own answer counts. */
  readonly unrecorded: number;
  /** Lines that were left out, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** A trace that could not be read to its end. */
export interface FailedTrace {
  readonly path: string;
  readonly message: string;
}

export type SeverityCounts = Readonly<Record<Severity, number>>;

export interface CheckReport {
  readonly version: 1;
  readonly traces: readonly CheckedTrace[];
  readonly summary: SeverityCounts;
  readonly errors?: readonly FailedTrace[];
}

/**
 * Fail: an error was found. Unknown: a rule could not see what it needs, or a part of the trace
 * was not read. Warnings do not fail a trace; `--fail-on` decides about the exit status alone.
 */
export function verdictOf(findings: readonly Finding[], reasons: readonly string[]): Verdict {
  if (findings.some(({ severity }) => severity === "error")) return "fail";
  return reasons.length > 0 ? "unknown" : "pass";
}

/** The reasons of all rules that cannot say `pass`, each once. */
export function doubtsOf(verdicts: readonly RuleVerdict[]): string[] {
  const rulesByReason = new Map<string, string[]>();
  let judged = 0;
  for (const { rule, verdict, reasons } of verdicts) {
    judged++;
    if (verdict !== "unknown") continue;
    for (const reason of reasons) {
      rulesByReason.set(reason, [...(rulesByReason.get(reason) ?? []), rule]);
    }
  }
  return [...rulesByReason].map(([reason, rules]) =>
    rules.length === judged || rules.length > 3 ? reason : `${rules.join(", ")}: ${reason}`,
  );
}

/** Why a trace, as it is, says little about what it is of. */
export function doubtsAboutTrace(events: number, unrecorded: UnrecordedCalls): string[] {
  if (events === 0) return ["the trace holds no events"];
  const doubt = unrecorded.doubt();
  return doubt === undefined ? [] : [doubt];
}

export function countSeverities(findings: Iterable<Finding>): SeverityCounts {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

export function checkReport(
  traces: readonly CheckedTrace[],
  errors: readonly FailedTrace[] = [],
): CheckReport {
  return {
    version: 1,
    traces,
    summary: countSeverities(traces.flatMap(({ findings }) => findings)),
    ...(errors.length === 0 ? {} : { errors }),
  };
}
