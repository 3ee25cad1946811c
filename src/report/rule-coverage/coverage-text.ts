/** Which rules a corpus exercises, for people. */

import { printable } from "../../replay/printable.js";
import { wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { renderTable } from "../table.js";
import type { CoverageReport, RuleCoverage } from "./coverage-report.js";

const TEXT_COLUMNS = 100;

/** Text ending in a newline. */
export function coverageText(report: CoverageReport, style: Style): string {
  const parts = [
    summaryLine(report),
    "",
    ruleTable(report.rules, style),
    ...gapLines(report, style),
    ...limitLines(report, style),
    ...notCheckedLines(report, style),
  ];
  return `${parts.join("\n")}\n`;
}

function summaryLine({ folder, traces, rules, judgedNow, notExercised }: CoverageReport): string {
  const gaps = new Set([...notExercised.neverFires, ...notExercised.neverSilent]);
  const exercised = rules.length - gaps.size;
  const now =
    judgedNow.length === 0
      ? "as their expectations say"
      : `${count(judgedNow.length)} of them without an expectation and judged now`;
  return (
    `${count(exercised)} of ${counted(rules.length, "rule")} fire in one trace and stay silent in` +
    ` another: ${counted(traces, "trace")} below ${printable(folder)}, ${now}`
  );
}

function ruleTable(rules: readonly RuleCoverage[], style: Style): string {
  const right = "right" as const;
  const columns = [
    { title: "rule" },
    { title: "fires in", align: right },
    { title: "silent in", align: right },
    { title: "near misses", align: right },
    { title: "fires under" },
    { title: "holds, never fires under" },
  ];
  const rows = rules.map(({ rule, fires, silent, nearMisses, profiles, neverFiresUnder }) => [
    rule,
    fires.length === 0 ? style.red("0") : count(fires.length),
    silent === 0 ? style.red("0") : count(silent),
    count(nearMisses.length),
    Object.entries(profiles)
      .flatMap(([id, { fires }]) => (fires > 0 ? [`${id} ${count(fires)}`] : []))
      .join(", "),
    style.yellow(neverFiresUnder.join(" ")),
  ]);
  return renderTable(columns, rows, style);
}

function gapLines({ notExercised, rules }: CoverageReport, style: Style): string[] {
  const { neverFires, neverSilent } = notExercised;
  const partly = rules.filter(
    ({ fires, neverFiresUnder }) => fires.length > 0 && neverFiresUnder.length > 0,
  );
  return [
    "",
    style.bold("Not exercised"),
    ...listLines("never fires", neverFires),
    ...listLines("never silent", neverSilent),
    `  fires, but not under every profile in which it holds: ${counted(partly.length, "rule")}`,
  ];
}

function listLines(what: string, ids: readonly string[]): string[] {
  const text = ids.length === 0 ? "no rule" : ids.join(", ");
  return wrapped(`${what}: ${text}`, "  ", TEXT_COLUMNS);
}

function limitLines({ rules }: CoverageReport, style: Style): string[] {
  const limited = rules.filter(({ limits }) => limits.length > 0);
  if (limited.length === 0) return [];
  return [
    "",
    style.bold("What rules do not see"),
    ...limited.flatMap(({ rule, limits }) => [
      `  ${rule}`,
      ...limits.flatMap((limit) => wrapped(limit, "    ", TEXT_COLUMNS)),
    ]),
  ];
}

function notCheckedLines({ notChecked }: CoverageReport, style: Style): string[] {
  return [
    "",
    style.bold("What no rule looks at"),
    ...notChecked.flatMap(({ what, why }) => [
      ...wrapped(what, "  ", TEXT_COLUMNS),
      ...wrapped(`because ${why}`, "    ", TEXT_COLUMNS).map((line) => style.dim(line)),
    ]),
  ];
}
