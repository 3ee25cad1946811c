/** Where a command writes and what it may know about the terminal. Tests pass their own. */

import type { Readable, Writable } from "node:stream";
import { ANSI, PLAIN, type Style } from "../report/style.js";

export interface Output {
  /** Resolves when the stream can take more; after the reader has gone it does nothing. */
  write(chunk: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; undefined when there is none. */
  readonly columns: number | undefined;
}

export interface CliIo {
  /** The result, and nothing else. */
  readonly out: Output;
  /** Everything else: errors, progress, notes. */
  readonly err: Output;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The streams of this process. */
export function processIo(): CliIo {
  return {
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    stdin: process.stdin,
    env: process.env,
  };
}

/**
 * Wraps a stream. `lutrace … | head` closes the pipe early: that is no error, what is left to
 * write is dropped and the exit status still tells the truth.
 */
export function outputOf(stream: Writable & { isTTY?: boolean; columns?: number }): Output {
  let open = true;
  let wake: (() => void) | undefined;
  const stop = (): void => {
    open = false;
    wake?.();
  };
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop();
  });
  stream.on("close", stop);
  stream.on("drain", () => wake?.());
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.columns,
    write: async (chunk) => {
      if (!open || chunk.length === 0 || stream.write(chunk)) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
  };
}

/** Colours only on a terminal, and never against the user's NO_COLOR (no-color.org). */
export function styleFor(io: CliIo): Style {
  const { NO_COLOR, TERM } = io.env;
  const refused = (NO_COLOR !== undefined && NO_COLOR !== "") || TERM === "dumb";
  return io.out.isTerminal && !refused ? ANSI : PLAIN;
}

/** Writes one JSON document. */
export async function writeJson(output: Output, document: unknown): Promise<void> {
  await output.write(`${JSON.stringify(document, null, 2)}\n`);
}
