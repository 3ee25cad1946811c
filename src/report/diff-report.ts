/** The document of `diff --format json`, and its text. */

import type { Difference } from "../replay/diff/difference.js";
import { printable } from "../replay/printable.js";
import { type BetweenReport, betweenText } from "./between.js";
import { counted } from "./number-text.js";
import { type PartingReport, partingLines } from "./parting-text.js";
import type { Style } from "./style.js";

/** One of the two sides of a comparison. */
export interface DiffSide {
  readonly path: string;
  readonly profile: string;
  readonly events: number;
  /** Seq of the last event; null for an empty trace. */
  readonly lastSeq: number | null;
  readonly stateHash: string;
}

export interface DiffReport {
  readonly version: 1;
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** True when no difference was found. */
  readonly same: boolean;
  /** Where two traces part; null when both tell the same story, absent for one trace alone. */
  readonly parted?: PartingReport | null;
  /** What lies between two points of one trace; absent for two traces. */
  readonly between?: BetweenReport;
  readonly differences: readonly Difference[];
}

export function diffReport(
  sides: Pick<DiffReport, "a" | "b" | "parted" | "between">,
  differences: readonly Difference[],
): DiffReport {
  const { a, b, ...events } = sides;
  return { version: 1, a, b, same: differences.length === 0, ...events, differences };
}

export function diffText(report: DiffReport, style: Style): string {
  const lines = [sideLine("A", report.a, style), sideLine("B", report.b, style), ""];
  const { parted, between } = report;
  if (parted) lines.push(...partingLines(parted, style), "");
  if (parted === null) lines.push("Both traces make the same calls, with the same results.", "");
  if (between !== undefined) lines.push(betweenText(between), "");
  for (const { message, a, b } of report.differences) {
    const sign = b === null ? style.red("-") : a === null ? style.green("+") : style.yellow("~");
    lines.push(`${sign} ${printable(message)}`);
  }
  if (!report.same) lines.push("");
  const { length } = report.differences;
  lines.push(report.same ? "The states are the same." : counted(length, "difference"));
  return `${lines.join("\n")}\n`;
}

function sideLine(letter: string, side: DiffSide, style: Style): string {
  const after = side.lastSeq === null ? "before any event" : `after #${side.lastSeq}`;
  const about = `${after}, ${counted(side.events, "event")}, profile ${printable(side.profile)}`;
  return `${style.bold(letter)}: ${printable(side.path)} (${about})`;
}
