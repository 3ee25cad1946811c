/** docs/conformance.md: how much of reality the model predicts, and what it does not claim. */

import { join } from "node:path";
import { ADOPTED_OUTPUTS, UNCLAIMED_RESULTS } from "../../src/engine/calls/claims.js";
import { operations } from "../../src/report/operations.js";
import { PLAIN } from "../../src/report/style.js";
import { renderTable } from "../../src/report/table.js";
import { type CaptureFigures, type Figures, ROOT } from "./figures.js";

export const PAGE = join(ROOT, "docs", "conformance.md");

const INTRODUCTION = `# Conformance

How much of what real kernels answered the model predicts. \`npm run conformance\` replays every
capture of \`traces/captures\`, prints these figures and writes this page and \`conformance.json\`;
\`npm run conformance -- --check\` only compares. A test replays them on every run and fails
when a figure gets worse: a call that diverges, a call that is no longer judged, an
output that is taken from the capture more often.

A call counts as predicted only when ret, errno and every output byte that is not listed under
[Outputs taken from the trace](#outputs-taken-from-the-trace) agree. A prediction is made before the
answer is looked at; then the replay goes on from what was observed.`;

/** The page that belongs to these figures and to the tables of the engine. */
export function pageText(figures: Figures): string {
  return `${[
    INTRODUCTION,
    "## Captures",
    captureTable(figures),
    "## Operations",
    "Calls over all captures. Calls that are not ioctls count where the model claims their result.",
    operationTable(figures),
    "## Outputs taken from the trace",
    "Nothing in a trace decides these. Success or failure of the call is predicted all the same.",
    adoptedTable(figures),
    "## What is not modelled",
    unmodelledTable(),
    "## Results that are not claimed",
    "The model follows these calls, but says nothing about their result, and they count nowhere.",
    markdownTable(["call", "when, and why"], Object.entries(UNCLAIMED_RESULTS)),
  ].join("\n\n")}\n`;
}

/** The same figures for a terminal. */
export function summaryText(figures: Figures): string {
  const counts = ["calls", "predicted", "diverged", "unmodelled"];
  const captures = renderTable(
    [{ title: "capture" }, ...counts.map((title) => ({ title, align: "right" as const }))],
    [...Object.entries(figures), ["all", totalOf(figures)] as const].map(([name, figure]) => [
      name,
      ...countsOf(figure).map(String),
    ]),
    PLAIN,
  );
  const operations = renderTable(
    [
      { title: "operation" },
      ...counts.slice(0, 2).map((title) => ({ title, align: "right" as const })),
    ],
    operationRows(figures),
    PLAIN,
  );
  return `${captures}\n\n${operations}\n`;
}

type Counts = Pick<CaptureFigures, "calls" | "predicted" | "diverged" | "unmodelled" | "injected">;

function totalOf(figures: Figures): Counts {
  const total = { calls: 0, predicted: 0, diverged: 0, unmodelled: 0, injected: 0 };
  for (const figure of Object.values(figures)) {
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += figure[key];
  }
  return total;
}

function countsOf({ calls, predicted, diverged, unmodelled }: Counts): number[] {
  return [calls, predicted, diverged, unmodelled];
}

function captureTable(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, figure]) => [
    `\`${name}\``,
    figure.profile,
    ...countsOf(figure).map(String),
    String(figure.injected),
  ]);
  const total = totalOf(figures);
  rows.push(["**all**", "", ...countsOf(total).map(String), String(total.injected)]);
  const counts = ["calls", "predicted", "diverged", "unmodelled", "injected failures"];
  return markdownTable(["capture", "profile", ...counts], rows, 2);
}

function operationRows(figures: Figures): string[][] {
  const calls = new Map<string, number>();
  const wrong = new Map<string, number>();
  for (const { by_op, wrong_by_op } of Object.values(figures)) {
    for (const [op, count] of Object.entries(by_op)) calls.set(op, (calls.get(op) ?? 0) + count);
    for (const [op, count] of Object.entries(wrong_by_op)) {
      wrong.set(op, (wrong.get(op) ?? 0) + count);
    }
  }
  return [...calls]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([op, count]) => [op, String(count), String(count - (wrong.get(op) ?? 0))]);
}

function operationTable(figures: Figures): string {
  const rows = operationRows(figures).map(([op = "", ...counts]) => [`\`${op}\``, ...counts]);
  return markdownTable(["operation", "calls", "predicted"], rows, 1);
}

function adoptedTable(figures: Figures): string {
  const times = (op: string, field: string): string =>
    String(
      Object.values(figures).reduce(
        (sum, { adopted }) => sum + (adopted[`${op}.${field}`] ?? 0),
        0,
      ),
    );
  const ioctls = operations().map(({ op, adopts }) => [op, adopts] as const);
  const rows = [...ioctls, ...Object.entries(ADOPTED_OUTPUTS)].flatMap(([op, adopts]) =>
    Object.entries(adopts).map(([field, why]) => [
      `\`${op}\``,
      `\`${field}\``,
      why,
      times(op, field),
    ]),
  );
  return markdownTable(["call", "output", "why", "times"], rows, 3);
}

function unmodelledTable(): string {
  const rows = operations()
    .filter(({ missing }) => missing !== undefined)
    .map(({ op, descriptor, support, missing = "" }) => [
      `\`${op}\``,
      descriptor,
      support,
      missing,
    ]);
  return markdownTable(["operation", "descriptor", "modelled", "missing"], rows);
}

/** @param numbers_from Columns from this one on are aligned to the right. */
function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  numbers_from = titles.length,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = titles.map((_, column) => (column >= numbers_from ? "--:" : "---"));
  return [line(titles), line(rule), ...rows.map(line)].join("\n");
}
