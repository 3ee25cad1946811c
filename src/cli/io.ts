/** Where a command writes and what it may know about the terminal. Tests pass their own. */

import type { Readable, Writable } from "node:stream";
import { ANSI, PLAIN, type Style } from "../report/style.js";
import { jsonText } from "./json-text.js";

export interface Output {
  /** Resolves when the stream can take more; after the reader has gone it does nothing. */
  write(chunk: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; undefined when there is none. */
  readonly columns: number | undefined;
  /** True once nobody reads any more; absent where that cannot happen. */
  readonly isReaderGone?: () => boolean;
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
  const err = outputOf(process.stderr, "standard error");
  return {
    out: outputOf(process.stdout, "standard output"),
    // Where nothing can be said any more, the exit status still tells.
    err: { ...err, write: (chunk) => err.write(chunk).catch(() => undefined) },
    stdin: process.stdin,
    env: process.env,
  };
}

/**
 * Wraps a stream. `lutrace … | head` closes the pipe early: that is no error, what is left to
 * write is dropped and the exit status still tells the truth. Every other failure to write, such
 * as a full disk, rejects the write; `name` stands for the path in its error.
 */
export function outputOf(
  stream: Writable & { isTTY?: boolean; columns?: number },
  name: string,
): Output {
  let open = true;
  const stop = (): void => {
    open = false;
  };
  // The write that failed is told, too; without a listener Node would end the process here.
  stream.on("error", stop);
  stream.on("close", stop);
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.columns,
    isReaderGone: () => !open,
    write: async (chunk) => {
      if (!open || chunk.length === 0) return;
      await new Promise<void>((resolve, reject) => {
        stream.write(chunk, (error: NodeJS.ErrnoException | null | undefined) => {
          const isReaderGone = error?.code === "EPIPE" || error?.code === "ERR_STREAM_DESTROYED";
          if (error == null || isReaderGone) resolve();
          else reject(Object.assign(error, { path: name }));
        });
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
  await output.write(`${jsonText(document)}\n`);
}
