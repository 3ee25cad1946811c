/** A replay for people: how much was predicted, what was not, and the first call of each kind. */

import { printable } from "../replay/printable.js";
import type { CallCounts } from "../replay/replay.js";
import type { DivergenceKind } from "./divergence-kinds.js";
import { count, counted } from "./number-text.js";
import { operations } from "./operations.js";
import type { ReplayedTrace, ReplayResult } from "./replay-report.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

export interface ReplayTextOptions {
  readonly style: Style;
  /** Kinds of divergence shown in full, and rows of the summary. */
  readonly kinds_max: number;
}

/** Text about one trace, ending in a newline. */
export function replayText(result: ReplayResult, options: ReplayTextOptions): string {
  const { trace } = result;
  const { style } = options;
  const parts = [header(trace, style)];
  if (trace.calls.total > 0) parts.push("", opTable(trace, style));
  parts.push(...adoptedLines(trace), ...kindLines(result, options));
  return `${parts.join("\n")}\n`;
}

function header(trace: ReplayedTrace, style: Style): string {
  const { total, predicted, diverged, unmodelled, unrecorded } = trace.calls;
  const agrees = diverged === 0 && unmodelled === 0;
  const recorded = total - unrecorded;
  const share = recorded === 0 ? "" : ` (${percent(predicted, recorded)})`;
  const open = unrecorded === 0 ? "" : `, ${count(unrecorded)} unrecorded`;
  const lines = [
    `${style.bold(printable(trace.path))}: ${count(predicted)} of ${counted(recorded, "call")}` +
      ` predicted${agrees ? style.green(share) : style.red(share)},` +
      ` ${count(diverged)} diverged, ${count(unmodelled)} unmodelled${open}` +
      ` (${counted(trace.events, "event")}, profile ${printable(trace.profile)})`,
    style.dim(`  state hash ${trace.stateHash}`),
  ];
  for (const reason of trace.reasons) lines.push(`  not certain: ${printable(reason)}`);
  if (trace.injected > 0) {
    lines.push(`  ${counted(trace.injected, "failure")} explained by fault injection`);
  }
  for (const [kind, lines_skipped] of Object.entries(trace.skipped)) {
    lines.push(
      style.dim(`  left out: ${counted(lines_skipped, "line")} of kind ${printable(kind)}`),
    );
  }
  return lines.join("\n");
}

/** A percentage that says 100 only when it is all. */
function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${Math.min(99.99, (100 * part) / whole).toFixed(2)} %`;
}

function opTable(trace: ReplayedTrace, style: Style): string {
  const hasUnrecorded = trace.calls.unrecorded > 0;
  const rows = Object.entries(trace.byOp).sort(
    ([a, left], [b, right]) => wrong(right) - wrong(left) || (a < b ? -1 : 1),
  );
  return renderTable(
    [
      { title: "operation" },
      { title: "calls", align: "right" },
      { title: "predicted", align: "right" },
      { title: "diverged", align: "right" },
      { title: "unmodelled", align: "right" },
      ...(hasUnrecorded ? [{ title: "unrecorded", align: "right" } as const] : []),
    ],
    rows.map(([op, counts]) => [
      printable(op),
      count(counts.total),
      count(counts.predicted),
      counts.diverged > 0 ? style.red(count(counts.diverged)) : "0",
      counts.unmodelled > 0 ? style.yellow(count(counts.unmodelled)) : "0",
      ...(hasUnrecorded ? [count(counts.unrecorded)] : []),
    ]),
    style,
  );
}

function wrong(counts: CallCounts): number {
  return counts.diverged + counts.unmodelled;
}

function adoptedLines(trace: ReplayedTrace): string[] {
  const ops = Object.entries(trace.adopted);
  if (ops.length === 0) return [];
  const lines = ops.map(([op, fields]) => {
    const list = Object.entries(fields).map(
      ([field, times]) => `${printable(field)} (${counted(times, "time")})`,
    );
    return `  ${printable(op)}: ${list.join(", ")}`;
  });
  return ["", "Taken from the trace, because nothing in it decides them (lutrace ops):", ...lines];
}

function kindLines({ kinds }: ReplayResult, { style, kinds_max }: ReplayTextOptions): string[] {
  const all = kinds.kinds();
  if (all.length === 0) return [];
  const lines = ["", style.bold("First divergence of each kind:")];
  for (const kind of firstOfEachField(all).slice(0, kinds_max)) lines.push(...inFull(kind, style));
  lines.push("", style.bold("Divergences by kind:"), summaryTable(all.slice(0, kinds_max), style));
  const left = all.length - kinds_max;
  if (left > 0) lines.push(`  … and ${counted(left, "more kind")}`);
  if (kinds.other > 0) lines.push(`  … and ${counted(kinds.other, "divergence")} of other kinds`);
  return lines;
}

/** In full only once for each operation, field and deciding check: the values are in the table. */
function firstOfEachField(kinds: readonly DivergenceKind[]): DivergenceKind[] {
  const seen = new Set<string>();
  return kinds.filter(({ first }) => {
    const key = [first.op, first.field, first.decided_by ?? ""].join("\0");
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function inFull({ first, line, state }: DivergenceKind, style: Style): string[] {
  const field = printable(first.field);
  const why = first.decided_by === undefined ? "" : `  (${printable(first.decided_by)})`;
  const said = (text: string) => printable(field === "errno" && text === "none" ? "success" : text);
  const source = SOURCES.get(first.op);
  return [
    `  #${first.seq} ${line}`,
    `    ${field}: predicted ${style.green(said(first.predicted))}${why}`,
    `    ${" ".repeat(field.length)}  observed  ${style.red(said(first.observed))}`,
    ...(source === undefined ? [] : [style.dim(`    modelled after ${source}`)]),
    ...state.map((text) => style.dim(`    ${text}`)),
  ];
}

/** The function of the kernel that each operation imitates. */
const SOURCES: ReadonlyMap<string, string | undefined> = new Map(
  operations().map(({ op, source }) => [op, source]),
);

function summaryTable(kinds: readonly DivergenceKind[], style: Style): string {
  const rows = [...kinds].sort((a, b) => b.times - a.times);
  return renderTable(
    [
      { title: "times", align: "right" },
      { title: "operation" },
      { title: "field" },
      { title: "predicted" },
      { title: "observed" },
      { title: "first", align: "right" },
    ],
    rows.map(({ first, times }) => [
      count(times),
      printable(first.op),
      printable(first.field),
      printable(first.predicted),
      printable(first.observed),
      `#${first.seq}`,
    ]),
    style,
  );
}
