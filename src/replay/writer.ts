/** Writes native traces: header, then one event a line. The same events give the same bytes. */

import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Event } from "../engine/event/index.js";
import { eventLine, headerLine } from "./encode.js";
import { deterministicGzip } from "./gzip.js";
import type { TraceHeader } from "./header.js";
import { TraceError } from "./trace-error.js";

/** What can be written: an open source, or a header with events in batches. */
export interface TraceContents {
  readonly header: TraceHeader;
  batches(): AsyncIterable<readonly Event[]> | Iterable<readonly Event[]>;
}

export interface WriteOptions {
  /** Compresses with gzip at its highest level. */
  readonly gzip?: boolean | undefined;
  /** False leaves the stream open at the end: it is not ours. */
  readonly end?: boolean | undefined;
  /** Called after each batch with the events so far, for a progress bar. */
  readonly on_progress?: ((events: number) => void) | undefined;
}

export interface Written {
  readonly events: number;
  /** False when whoever read the stream went away before its end. */
  readonly whole: boolean;
}

/**
 * Writes a trace to a stream and ends it. Memory does not grow with the trace: what the stream
 * cannot take is not read.
 *
 * @throws TraceError where the trace cannot be read on, or its events are out of order.
 */
export async function writeTrace(
  trace: TraceContents,
  sink: Writable,
  options: WriteOptions = {},
): Promise<Written> {
  let events = 0;
  const text = textOf(trace, (batch) => {
    events += batch.length;
    options.on_progress?.(events);
  });
  const stages = options.gzip === true ? deterministicGzip() : [];
  let whole = true;
  try {
    await pipeline([Readable.from(text), ...stages, sink], { end: options.end !== false });
  } catch (error) {
    // `lutrace import … - | head`: whoever read has enough.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    whole = false;
  }
  return { events, whole };
}

/**
 * Writes a trace to a file. The file appears when it is complete; until then, and after an error,
 * what was there before stays.
 */
export async function writeTraceFile(
  trace: TraceContents,
  path: string,
  options: WriteOptions = {},
): Promise<Written> {
  const unfinished = `${path}.${process.pid}.part`;
  const sink = createWriteStream(unfinished);
  const closed = new Promise<void>((resolve) => sink.once("close", resolve));
  try {
    const written = await writeTrace(trace, sink, options);
    await rename(unfinished, path);
    return written;
  } catch (error) {
    // The file may only be about to be opened: it is there when the stream says it is closed.
    sink.destroy();
    await closed;
    // What could not be made cannot be removed, either; the first error is the one to tell.
    await rm(unfinished, { force: true }).catch(() => undefined);
    // The user named `path`, and knows nothing of the unfinished file.
    const isOfFile = (error as NodeJS.ErrnoException).path === unfinished;
    throw isOfFile ? Object.assign(error as Error, { path }) : error;
  }
}

async function* textOf(
  trace: TraceContents,
  count: (batch: readonly Event[]) => void,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`${headerLine(trace.header)}\n`);
  let seq = -1;
  for await (const batch of trace.batches()) {
    let lines = "";
    for (const event of batch) {
      if (event.seq <= seq) {
        throw new TraceError(`event ${event.seq} comes after event ${seq}`, {
          field: "seq",
          hint: "events are in the order of their seq, each only once",
        });
      }
      seq = event.seq;
      lines += `${eventLine(event)}\n`;
    }
    count(batch);
    yield Buffer.from(lines);
  }
}
