import Table from "cli-table3";
import type { Style } from "./style.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Longer cells are wrapped at words. */
  readonly width_columns?: number;
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** A table without lines, indented by two spaces; cells must be printable already. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const table = new Table({
    head: columns.map(({ title }) => style.dim(title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    colWidths: columns.map(({ width_columns }) => width_columns ?? null),
    wordWrap: true,
    chars: NO_LINES,
    // The library's own colours for head and border ignore NO_COLOR.
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
