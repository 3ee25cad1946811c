/** A trace under several profiles, for people: what is the same first, then what is not. */

import type { ProfileId } from "../../engine/profile/index.js";
import { printable } from "../../replay/printable.js";
import type { EventLines } from "../check-text.js";
import { listed, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { renderTable } from "../table.js";
import { alikeLines, differentLines } from "./findings-text.js";
import { callLines, partingLines } from "./partings-text.js";
import type { ComparedTrace } from "./profiles-report.js";
import { everyOne, type ProfilesTextOptions, TEXT_COLUMNS } from "./text-options.js";

const RULES_SHOWN = 9;

/** Text about one trace, ending in a newline. */
export function profilesText(
  trace: ComparedTrace,
  lines: EventLines,
  options: ProfilesTextOptions,
): string {
  const { style } = options;
  const parts = [
    ...header(trace, style),
    "",
    runTable(trace, style),
    ...alikeLines(trace, options),
    ...partingLines(trace, options),
    ...differentLines(trace, lines, options),
    ...callLines(trace, options),
    ...ruleLines(trace, style),
    ...adviceLines(trace),
  ];
  return `${parts.join("\n")}\n`;
}

/** The last line of several traces, with the empty line before it. */
export function profilesClosingLine(
  profiles: readonly ProfileId[],
  traces: readonly ComparedTrace[],
): string {
  const failed = profiles.map((id) => {
    const runs = traces.flatMap(({ runs }) => runs.filter(({ profile }) => profile === id));
    return `${count(runs.filter(({ verdict }) => verdict === "fail").length)} fail under ${id}`;
  });
  const same = `${count(traces.filter((trace) => trace.same).length)} the same under all`;
  return `\n${counted(traces.length, "trace")}: ${[...failed, same].join(", ")}\n`;
}

function header(trace: ComparedTrace, style: Style): string[] {
  const { path, events, headerProfile, runs, skipped } = trace;
  const ids = runs.map(({ profile }) => profile);
  const verdicts = new Set(runs.map(({ verdict }) => verdict));
  const [verdict = ""] = verdicts;
  const result = trace.same
    ? `${verdict.toUpperCase()}, ${alike(ids)}`
    : verdicts.size === 1
      ? `${verdict.toUpperCase()} under ${everyOne(ids)}, with differences`
      : `${runs.map((run) => `${run.verdict.toUpperCase()} under ${run.profile}`).join(", ")}`;
  const named = headerProfile === null ? "names no profile" : `says ${headerProfile}`;
  const lines = [
    `${style.bold(printable(path))}: ${result} (${counted(events, "event")}; the trace ${named})`,
  ];
  for (const { profile, reasons } of runs) {
    for (const reason of reasons)
      lines.push(`  not certain under ${profile}: ${printable(reason)}`);
  }
  for (const [kind, left_out] of Object.entries(skipped)) {
    lines.push(style.dim(`  left out: ${counted(left_out, "line")} of kind ${printable(kind)}`));
  }
  return lines;
}

function alike(ids: readonly ProfileId[]): string {
  return `the same under ${listed(ids)}`;
}

function runTable({ runs }: ComparedTrace, style: Style): string {
  const right = "right" as const;
  const columns = [
    { title: "profile" },
    { title: "verdict" },
    { title: "errors", align: right },
    { title: "warnings", align: right },
    { title: "info", align: right },
    { title: "rules that hold", align: right },
    { title: "calls", align: right },
    { title: "answered as it predicts", align: right },
  ];
  const rows = runs.map(({ profile, verdict, summary, rules, calls }) => [
    profile,
    { pass: style.green("PASS"), fail: style.red("FAIL"), unknown: "UNKNOWN" }[verdict],
    ...[summary.error, summary.warning, summary.info, rules, calls.total, calls.predicted].map(
      count,
    ),
  ]);
  return renderTable(columns, rows, style);
}

/** Rules that say nothing under a profile, so that silence is not taken for a pass. */
function ruleLines({ runs }: ComparedTrace, style: Style): string[] {
  const found = runs.filter(({ rulesNotApplied }) => rulesNotApplied.length > 0);
  if (found.length === 0) return [];
  const lines = ["", style.bold("Rules that do not hold, so that their silence means nothing")];
  for (const { profile, rulesNotApplied } of found) {
    const left = rulesNotApplied.length - RULES_SHOWN;
    const more = left > 0 ? `, … and ${count(left)} more` : "";
    const shown = rulesNotApplied.slice(0, RULES_SHOWN).join(", ");
    const text = `${profile} (${count(rulesNotApplied.length)}): ${shown}${more}`;
    lines.push(...wrapped(text, "  ", TEXT_COLUMNS));
  }
  return lines;
}

function adviceLines({ path, runs, same }: ComparedTrace): string[] {
  if (same) return [];
  const ids = runs.map(({ profile }) => profile);
  const [first = ""] = ids;
  const given = path === "-" ? "<trace>" : printable(path);
  return [
    "",
    "More:",
    `  lutrace check --profile ${first} ${given}   the findings with what proves them`,
    `  lutrace profiles ${ids.join(" ")}   all that these profiles do differently`,
  ];
}
