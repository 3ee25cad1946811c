/** Converts any trace that can be read into a native one. */

import type { Writable } from "node:stream";
import { FORMAT_VERSION, type TraceHeader } from "./header.js";
import { type OpenOptions, openTrace, type TraceSource } from "./source.js";
import { type WriteOptions, type Written, writeTrace, writeTraceFile } from "./writer.js";

export interface ImportOptions extends WriteOptions {
  /** Overrides the profile that the trace names. */
  readonly profile?: TraceHeader["profile"];
}

/** Where an import goes: a file, or a stream. */
export type ImportTarget = { readonly path: string } | { readonly stream: Writable };

/**
 * Writes the events of an open trace as a native trace. What the source leaves out is in its
 * `skipped` afterwards.
 *
 * @throws TraceError where the trace cannot be read.
 */
export async function importTrace(
  source: TraceSource,
  target: ImportTarget,
  options: ImportOptions = {},
): Promise<Written> {
  const { profile } = options;
  const header = { ...source.header, lutrace: FORMAT_VERSION } as const;
  const trace = {
    header: profile === undefined ? header : { ...header, profile },
    batches: () => source.batches(),
  };
  if ("stream" in target) return writeTrace(trace, target.stream, options);
  const gzip = options.gzip ?? target.path.endsWith(".gz");
  return writeTraceFile(trace, target.path, { ...options, gzip });
}

/** Opens a trace, of whatever format, and writes it as a native one. */
export async function importFile(
  path: string,
  target: ImportTarget,
  options: ImportOptions & OpenOptions = {},
): Promise<Written> {
  return importTrace(await openTrace(path, options), target, options);
}
