/**
 * Every released version of the trace format has a folder here. Its files must stay readable for
 * ever, and mean what they meant: `manifest.json` holds the number of events and a digest of them.
 *
 * A folder of a released version is only added to. When a digest changes, the reader is wrong.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { eventLine, headerLine } from "../../src/replay/encode.js";
import { openTrace } from "../../src/replay/source.js";

interface Exhibit {
  readonly events: number;
  readonly digest: string;
  /** Written by lutrace itself: writing what was read gives the same bytes. */
  readonly canonical: boolean;
}

const versions = readdirSync(import.meta.dirname).filter((name) => /^v\d+$/.test(name));

/** What an event means, whatever the order of its keys. */
function meaningOf(value: unknown): unknown {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(meaningOf);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, meaningOf(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function digestOf(header: object, events: readonly Event[]): string {
  const hash = createHash("sha256").update(JSON.stringify(meaningOf(header)));
  for (const event of events) hash.update(`\n${JSON.stringify(meaningOf(event))}`);
  return hash.digest("hex").slice(0, 32);
}

describe.each(versions)("format %s", (version) => {
  const folder = join(import.meta.dirname, version);
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Record<
    string,
    Exhibit
  >;
  const files = readdirSync(folder).filter((name) => /\.ndjson(\.gz)?$/.test(name));

  test("every file is in the manifest", () => {
    expect(Object.keys(manifest).sort()).toEqual(files.sort());
  });

  test.each(files)("%s", async (name) => {
    const source = await openTrace(join(folder, name));
    const events: Event[] = [];
    for await (const event of source.events()) events.push(event);
    const found = { events: events.length, digest: digestOf(source.header, events) };
    expect(found).toEqual({ events: manifest[name]?.events, digest: manifest[name]?.digest });
    if (manifest[name]?.canonical !== true) return;
    const lines = [headerLine(source.header), ...events.map(eventLine), ""];
    expect(readFileSync(join(folder, name), "utf8")).toBe(lines.join("\n"));
  });
});
