/** One event as one short line: what was called, with what, and what came back. */

import type { Event } from "../engine/event/index.js";
import { printable } from "../replay/printable.js";

const SHOWN_ITEMS = 6;
const SHOWN_BYTES = 16;
const SHOWN_CHARACTERS = 64;

/** Keys that every line shows in its own place, or that only matter to the reader of the file. */
const COMMON_KEYS: ReadonlySet<string> = new Set([
  ...["seq", "ts", "ts_end", "pid", "tid", "label", "type"],
  ...["ret", "errno", "never_returned", "address"],
]);

/**
 * `pid 7: IOMMU_IOAS_MAP(fd 3, ioas_id 1, length 0x1000, iova 0x0) = 0`. Fit for a terminal: every
 * text of the trace is made printable, long values are cut.
 */
export function eventLine(event: Event): string {
  const who = event.pid === undefined ? "" : `pid ${event.pid}: `;
  const [name, parts] = event.type === "ioctl" ? ioctlParts(event) : plainParts(event);
  return `${who}${name}(${parts.join(", ")})${resultOf(event)}`;
}

function ioctlParts(event: Event & { readonly type: "ioctl" }): [string, string[]] {
  const parts = [`fd ${event.fd}`];
  if (event.in === null) parts.push("unreadable argument");
  for (const [key, value] of Object.entries(event.in ?? {})) {
    // The size word and reserved fields say nothing unless they are wrong.
    if (key === "size" || key === "argsz" || (key.startsWith("__") && isZero(value))) continue;
    parts.push(`${printable(key)} ${shown(value)}`);
  }
  if (event.request !== undefined) parts.push(`request 0x${event.request.toString(16)}`);
  return [printable(event.op), parts];
}

function plainParts(event: Event): [string, string[]] {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(event)) {
    if (COMMON_KEYS.has(key) || value === undefined) continue;
    parts.push(`${printable(key)} ${shown(value)}`);
  }
  return [event.type, parts];
}

function resultOf(event: Event): string {
  const { ret, address, errno, never_returned, out } = event as {
    ret?: number;
    address?: number | bigint;
    errno?: string;
    never_returned?: true;
    out?: Record<string, unknown>;
  };
  const result = ret ?? address;
  if (never_returned === true) return " never returned";
  if (result === undefined) return "";
  if (result === -1) return ` = -1 ${errno ?? ""}`.trimEnd();
  const changed = Object.entries(out ?? {}).map(([key, value]) => `${key} ${shown(value)}`);
  return ` = ${shown(result)}${changed.length === 0 ? "" : ` (${changed.join(", ")})`}`;
}

function isZero(value: unknown): boolean {
  return value === 0 || value === 0n || (typeof value === "string" && /^\0*$/.test(value));
}

function shown(value: unknown): string {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (typeof value === "string") return quoted(value.replace(/\0+$/, ""));
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, SHOWN_BYTES)).toString("hex");
    return value.length > SHOWN_BYTES ? `${hex}… (${value.length} bytes)` : hex;
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, SHOWN_ITEMS).map(shown);
    if (value.length > SHOWN_ITEMS) items.push(`… ${value.length} in all`);
    return `[${items.join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    const items = entries
      .slice(0, SHOWN_ITEMS)
      .map(([key, entry]) => `${printable(key)} ${shown(entry)}`);
    if (entries.length > SHOWN_ITEMS) items.push("…");
    return `{${items.join(", ")}}`;
  }
  return String(value);
}

function quoted(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return `"${printable(cut)}"`;
}
