/** Traces for tests: written to a temporary folder, or given as a stream. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { inject } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { type OpenOptions, openTrace, type TraceSource } from "../../src/replay/source.js";

const folder = mkdtempSync(join(inject("temporary_folder"), "traces-"));

let files = 0;

/** A file with these contents; gives its path. */
export function fileOf(contents: string | Uint8Array, name = "trace.ndjson"): string {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, contents);
  return path;
}

/** A folder for what a test writes. */
export function folderOf(): string {
  return mkdtempSync(join(folder, "out-"));
}

export const HEADER_LINE = '{"lutrace":1}';

/** A native trace of these lines. */
export function native(...lines: string[]): string {
  return [HEADER_LINE, ...lines, ""].join("\n");
}

/** Reads a trace to its end. */
export async function readAll(
  path: string,
  options?: OpenOptions,
): Promise<{ source: TraceSource; events: Event[] }> {
  const source = await openTrace(path, options);
  const events: Event[] = [];
  for await (const event of source.events()) events.push(event);
  return { source, events };
}

/** Reads contents as they would come from a pipe, in chunks. */
export function readPiped(
  chunks: Iterable<string | Uint8Array>,
  options: OpenOptions = {},
): Promise<{ source: TraceSource; events: Event[] }> {
  return readAll("-", { ...options, stdin: Readable.from(chunks, { objectMode: false }) });
}

/** The error that reading ends in; fails the test when it does not. */
export async function errorOf(reading: Promise<unknown>): Promise<Error> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("expected the reading to fail");
}
