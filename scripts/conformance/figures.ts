/** Replays the captures and keeps the figures that may only grow. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { openTrace } from "../../src/replay/source.js";
import { replayTrace } from "../../src/report/replay-trace.js";

export const ROOT = join(import.meta.dirname, "..", "..");
export const CAPTURES = join(ROOT, "traces", "captures");
export const FIGURES = join(ROOT, "docs", "conformance.json");

/** What a replay of one capture found. */
export interface CaptureFigures {
  readonly profile: string;
  readonly events: number;
  readonly calls: number;
  readonly predicted: number;
  readonly diverged: number;
  readonly unmodelled: number;
  /** Failures that fault injection explains; they are among the predicted ones. */
  readonly injected: number;
  /** Calls by operation. What of them was not predicted is in `wrong_by_op`. */
  readonly by_op: Readonly<Record<string, number>>;
  readonly wrong_by_op: Readonly<Record<string, number>>;
  /** Outputs taken from the capture, as `operation.field`, with how often. */
  readonly adopted: Readonly<Record<string, number>>;
}

export type Figures = Readonly<Record<string, CaptureFigures>>;

/** Names of all captures below traces/captures, such as `vfio/edu_dma_seed1`, in order. */
export function captureNames(): string[] {
  return readdirSync(CAPTURES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ndjson.gz"))
    .map((name) =>
      relative(".", name)
        .split(sep)
        .join("/")
        .replace(/\.ndjson\.gz$/, ""),
    )
    .sort();
}

/** @throws TraceError where the capture cannot be read. */
export async function replayCapture(name: string): Promise<CaptureFigures> {
  const source = await openTrace(join(CAPTURES, `${name}.ndjson.gz`));
  const { trace } = await replayTrace(source, { divergences_max: 0 });
  const { calls, events, injected, profile } = trace;
  const by_op: Record<string, number> = {};
  const wrong_by_op: Record<string, number> = {};
  const adopted: Record<string, number> = {};
  for (const [op, counts] of Object.entries(trace.byOp)) {
    by_op[op] = counts.total;
    if (counts.predicted < counts.total) wrong_by_op[op] = counts.total - counts.predicted;
  }
  for (const [op, fields] of Object.entries(trace.adopted)) {
    for (const [field, times] of Object.entries(fields)) adopted[`${op}.${field}`] = times;
  }
  const { total, predicted, diverged, unmodelled } = calls;
  const counts = { calls: total, predicted, diverged, unmodelled, injected };
  return { profile, events, ...counts, by_op, wrong_by_op, adopted };
}

export function readFigures(): Figures {
  return JSON.parse(readFileSync(FIGURES, "utf8")) as Figures;
}

/** What is worse now than it was, one line each; empty when nothing is. */
export function losses(name: string, before: CaptureFigures, now: CaptureFigures): string[] {
  const found: string[] = [];
  const worse = (what: string, was: number, is: number): void => {
    found.push(`${name}: ${what} was ${was}, is ${is}`);
  };
  for (const key of ["diverged", "unmodelled"] as const) {
    if (now[key] > before[key]) worse(key, before[key], now[key]);
  }
  for (const key of ["calls", "predicted"] as const) {
    if (now[key] < before[key]) worse(key, before[key], now[key]);
  }
  for (const [op, calls] of Object.entries(before.by_op)) {
    const is = now.by_op[op] ?? 0;
    if (is < calls) worse(`judged calls of ${op}`, calls, is);
  }
  for (const [output, times] of Object.entries(now.adopted)) {
    const was = before.adopted[output] ?? 0;
    if (times > was) worse(`adopted ${output}`, was, times);
  }
  return found;
}
