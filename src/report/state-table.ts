/** A state document for people: sections with their entries, lists as tables. */

import { printable } from "../replay/printable.js";
import { isList, type StateObject, type StateValue } from "../replay/state/state-value.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

export interface StateTableOptions {
  readonly style: Style;
  /** Rows shown of one list. */
  readonly rows_max: number;
  /** Names that things keep across kernels, by their names in the document. */
  readonly lineages?: ReadonlyMap<string, string> | undefined;
}

/** Text of a state document; nothing that is absent or empty is shown. */
export function stateTable(document: StateObject, options: StateTableOptions): string {
  const blocks: string[] = [];
  for (const [key, value] of Object.entries(document)) {
    if (key === "version" || value === undefined) continue;
    const title = options.style.bold(titleOf(key));
    if (isList(value)) {
      const entries = Array.from(value, (entry) => withLineage(entry, options));
      if (entries.length === 0) continue;
      blocks.push([title, ...listLines(entries, "  ", options)].join("\n"));
    } else if (typeof value === "object" && value !== null) {
      blocks.push([title, ...objectLines(value, "  ", options)].join("\n"));
    }
  }
  return `${blocks.join("\n\n")}\n`;
}

/** An entry with its lineage behind its name, and those of the parts that have one. */
function withLineage(entry: StateValue, { lineages }: StateTableOptions): StateValue {
  if (lineages === undefined || !isObject(entry)) return entry;
  const { name, ...rest } = entry;
  if (typeof name !== "string") return entry;
  const parts = Object.entries(rest).map(([key, value]) => {
    const numberedBy = NUMBERED_BY[key];
    if (numberedBy === undefined || value === undefined || !isList(value)) return [key, value];
    return [key, Array.from(value, (part) => withPartLineage(part, numberedBy, name, lineages))];
  });
  return { name, lineage: lineages.get(name), ...Object.fromEntries(parts) };
}

/** Lists whose items are parts of an entry, and the key that tells them apart. */
const NUMBERED_BY: Readonly<Record<string, string>> = { objects: "id", files: "token" };

function withPartLineage(
  part: StateValue,
  numberedBy: string,
  whole: string,
  lineages: ReadonlyMap<string, string>,
): StateValue {
  if (!isObject(part)) return part;
  const { [numberedBy]: number, ...rest } = part;
  return { [numberedBy]: number, lineage: lineages.get(`${whole}/${number}`), ...rest };
}

function titleOf(key: string): string {
  return key.replaceAll("_", " ");
}

/** Flat entries become a table, others a block each. */
function listLines(
  list: Iterable<StateValue>,
  indent: string,
  options: StateTableOptions,
): string[] {
  const shown: StateValue[] = [];
  let more = false;
  for (const item of list) {
    more = shown.length >= options.rows_max;
    if (more) break;
    shown.push(item);
  }
  const lines = shown.every(isFlat)
    ? flatLines(shown, indent, options)
    : shown.flatMap((item) => blockLines(item, indent, options));
  if (more) lines.push(`${indent}… more (--format json shows all, --rows shows more)`);
  return lines;
}

function flatLines(
  items: readonly StateValue[],
  indent: string,
  { style }: StateTableOptions,
): string[] {
  const rows = items.filter((item) => isObject(item));
  if (rows.length < items.length) return [indent + items.map(scalarText).join(", ")];
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) =>
    rows.some((row) => scalarText(row[key]) !== ""),
  );
  const table = renderTable(
    keys.map((key) => ({ title: titleOf(key) })),
    rows.map((row) => keys.map((key) => scalarText(row[key]))),
    style,
  );
  // The table brings two spaces of its own.
  return table.split("\n").map((line) => indent.slice(2) + line);
}

function blockLines(item: StateValue, indent: string, options: StateTableOptions): string[] {
  return isObject(item) ? objectLines(item, indent, options) : [indent + scalarText(item)];
}

/** Scalars on one line, then everything that has parts. */
function objectLines(object: StateObject, indent: string, options: StateTableOptions): string[] {
  const scalars: string[] = [];
  const lines: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || isEmpty(value)) continue;
    if (key === "name") scalars.push(options.style.cyan(scalarText(value)));
    else if (isScalar(value)) scalars.push(`${titleOf(key)} ${scalarText(value)}`);
    else {
      lines.push(`${indent}  ${options.style.dim(titleOf(key))}`);
      if (isList(value)) lines.push(...listLines(value, `${indent}    `, options));
      else if (isObject(value)) lines.push(...objectLines(value, `${indent}    `, options));
    }
  }
  return scalars.length === 0 ? lines : [indent + scalars.join(", "), ...lines];
}

function isScalar(value: StateValue): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item !== "object");
}

function isObject(value: StateValue): value is StateObject {
  return typeof value === "object" && value !== null && !isList(value);
}

function isFlat(value: StateValue): boolean {
  return isObject(value) ? Object.values(value).every((entry) => isScalarOrAbsent(entry)) : true;
}

function isScalarOrAbsent(value: StateValue | undefined): boolean {
  return value === undefined || isScalar(value);
}

function isEmpty(value: StateValue): boolean {
  return isList(value) && value[Symbol.iterator]().next().done === true;
}

function scalarText(value: StateValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (isList(value)) return Array.from(value, scalarText).join(", ");
  return printable(String(value));
}
