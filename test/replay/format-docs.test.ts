/** The format's page and its JSON Schema stay in step with the schemas. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EVENT_SCHEMAS, IOCTL_SCHEMAS } from "../../src/engine/event/index.js";
import { device, machineFacts } from "../../src/engine/event/machine.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { decodeHeader } from "../../src/replay/decode-header.js";
import { eventLine, headerLine } from "../../src/replay/encode.js";
import { traceFormatSchema, traceFormatSchemaText } from "../../src/replay/format-schema.js";
import { HEADER } from "../../src/replay/header.js";

const DOCS = join(import.meta.dirname, "..", "..", "docs");
const PAGE = readFileSync(join(DOCS, "trace-format.md"), "utf8");

/** The lines of all examples. */
const EXAMPLES = [...PAGE.matchAll(/^```ndjson\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
  block.trimEnd().split("\n"),
);
const HEADERS = EXAMPLES.filter((line) => line.startsWith('{"lutrace"'));
const EVENTS = EXAMPLES.filter((line) => !line.startsWith('{"lutrace"'));

describe("the examples of docs/trace-format.md", () => {
  test.each(EVENTS)("%s", (line) => {
    const event = decodeEvent(parseObject(line));
    expect(event === undefined ? undefined : eventLine(event)).toBe(line);
  });

  test.each(HEADERS)("%s", (line) => {
    expect(headerLine(decodeHeader(line, "example"))).toBe(line);
  });

  test("show every event type", () => {
    const shown = new Set(EVENTS.map((line) => parseObject(line)["type"]));
    const missing = ["ioctl", ...Object.keys(EVENT_SCHEMAS)].filter((type) => !shown.has(type));
    expect(missing).toEqual([]);
  });
});

describe("the tables of docs/trace-format.md", () => {
  const tables = PAGE.replace(/^```[\s\S]*?^```$/gm, "");
  const named = new Set([...tables.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));

  test("name every field of the header", () => {
    expect(Object.keys(HEADER.shape).filter((field) => !named.has(field))).toEqual([]);
  });

  test("name every field of every event", () => {
    const missing: string[] = [];
    const shapes = [
      ...Object.entries(EVENT_SCHEMAS),
      ["ioctl", IOCTL_SCHEMAS.get("IOMMU_DESTROY")],
      ["facts", machineFacts],
      ["device", device],
    ];
    for (const [type, schema] of shapes as [string, { shape: object }][]) {
      for (const field of Object.keys(schema.shape)) {
        if (!named.has(field) && !named.has(`${field}?`)) missing.push(`${type}.${field}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

describe("docs/trace-format.schema.json", () => {
  test("is what `npm run schema` writes", () => {
    const written = readFileSync(join(DOCS, "trace-format.schema.json"), "utf8");
    expect(written).toBe(traceFormatSchemaText());
  });

  test("refers to shared schemas by name only", () => {
    const { $defs } = traceFormatSchema() as { $defs: Record<string, unknown> };
    expect(Object.keys($defs)).toContain("u64");
    expect(Object.keys($defs).filter((name) => name.startsWith("__"))).toEqual([]);
  });
});
