/** The trace format as a JSON Schema, made from the schemas that the reader uses. */

import * as z from "zod";
import { EVENT_SCHEMAS, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { device, machineFacts } from "../engine/event/machine.js";
import { nested } from "../engine/event/nested.js";
import { processRole } from "../engine/event/process.js";
import {
  errno,
  hexBytes,
  nanoseconds,
  pid,
  s32,
  u8,
  u16,
  u32,
  u64,
} from "../engine/event/scalars.js";
import { FORMAT_VERSION, HEADER } from "./header.js";

/** Schemas that other schemas refer to by name. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  u8,
  u16,
  u32,
  s32,
  u64,
  hex_bytes: hexBytes,
  nanoseconds,
  pid,
  errno,
  process_role: processRole,
  device,
  machine_facts: machineFacts,
  nested_buffer: nested,
};

/** The JSON Schema of one line: the header, or any event. */
export function traceFormatSchema(): object {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });
  const lines: z.ZodType[] = [HEADER];
  names.add(HEADER, { id: "header" });
  for (const [type, schema] of Object.entries(EVENT_SCHEMAS)) {
    // read, write, pread and pwrite share one schema, and so do bind and unbind.
    if (names.has(schema)) continue;
    names.add(schema, { id: `event_${type}` });
    lines.push(schema);
  }
  const operations = [...IOCTL_SCHEMAS].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [op, schema] of operations) {
    names.add(schema, { id: `ioctl_${op}` });
    lines.push(schema);
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `lutrace trace format, version ${FORMAT_VERSION}`,
    description:
      "One line of a trace: the header as the first line, then one event a line. u64 values are " +
      "lower-case hex strings, so that no bit is lost.",
    ...z.toJSONSchema(z.union(lines), { io: "input", metadata: names }),
  };
}

/** The text of docs/trace-format.schema.json: one definition a line, to make changes readable. */
export function traceFormatSchemaText(): string {
  const { $defs, ...rest } = traceFormatSchema() as { $defs: Record<string, object> };
  const definitions = Object.keys($defs)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify($defs[name])}`);
  const head = JSON.stringify(rest, null, 1).replace(/\{\s+("\$ref": "[^"]+")\s+\}/g, "{ $1 }");
  return `${head.slice(0, -2)},\n "$defs": {\n${definitions.join(",\n")}\n}}\n`;
}
