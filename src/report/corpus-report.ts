/** What `corpus run` and `corpus update` say about traces, as text. */

import type { CorpusDifference } from "../replay/corpus/compare-result.js";
import { printable } from "../replay/printable.js";
import { counted } from "./number-text.js";
import type { Style } from "./style.js";

export type CorpusStatus =
  /** As expected. */
  | "same"
  | "differs"
  /** It has no expectation yet. */
  | "new"
  /** An expectation whose trace is gone. */
  | "orphan"
  /** It, or its expectation, could not be read. */
  | "failed";

export interface CorpusEntry {
  readonly path: string;
  readonly status: CorpusStatus;
  readonly differences: readonly CorpusDifference[];
  /** What went wrong, where the status is `failed`. */
  readonly error?: string;
}

export type CorpusSummary = Readonly<Record<CorpusStatus, number>>;

/** Lines about one trace; none when it is as expected, unless `verbose`. */
export function corpusEntryText(entry: CorpusEntry, style: Style, verbose: boolean): string {
  const path = printable(entry.path);
  switch (entry.status) {
    case "same":
      return verbose ? `${style.green("same")}     ${path}\n` : "";
    case "new":
      return `${style.yellow("new")}      ${path}: no expectation; corpus update writes one\n`;
    case "orphan":
      return `${style.yellow("orphan")}   ${path}: its trace is gone\n`;
    case "failed":
      return `${style.red("failed")}   ${path}: ${printable(entry.error ?? "")}\n`;
    case "differs":
      return `${style.red("differs")}  ${path}\n${entry.differences.map(differenceText).join("")}`;
  }
}

export function differenceText({ what, expected, got }: CorpusDifference): string {
  return `           ${printable(what)}: expected ${printable(expected)}, got ${printable(got)}\n`;
}

export function corpusClosingLine(summary: CorpusSummary): string {
  const { same, differs, orphan, failed } = summary;
  const traces = same + differs + summary.new + failed;
  const parts = [`${same} as expected`, `${differs} different`, `${summary.new} new`];
  if (orphan > 0)
    parts.push(counted(orphan, "expectation without a trace", "expectations without traces"));
  parts.push(`${failed} failed`);
  return `${counted(traces, "trace")}: ${parts.join(", ")}\n`;
}
