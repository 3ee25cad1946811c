import { Readable } from "node:stream";
import type { CliIo, Output } from "../../src/cli/io.js";
import { runCli } from "../../src/cli/run.js";

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** What came out on stdout, where it is no text. */
  readonly bytes: Uint8Array;
  /** The JSON document on stdout. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Whoever reads stdout goes away after so many bytes, as `| head` does. */
  readonly reads_bytes?: number;
}

/** Runs the command line in this process, as a shell would, and gives back what it printed. */
export async function lutrace(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const io: CliIo = {
    out: output(out, options.isTerminal === true, options.reads_bytes),
    err: output(err, false),
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    env: options.env ?? {},
  };
  const status = await runCli(argv, io);
  const bytes = Buffer.concat(out);
  const text = bytes.toString("utf8");
  const errors = Buffer.concat(err).toString("utf8");
  return { status, out: text, err: errors, bytes, json: () => JSON.parse(text) };
}

function output(into: Uint8Array[], isTerminal: boolean, reads_bytes = Infinity): Output {
  let read = 0;
  return {
    isTerminal,
    columns: undefined,
    isReaderGone: () => read > reads_bytes,
    write: async (chunk) => {
      read += chunk.length;
      if (read > reads_bytes) return;
      into.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk.slice());
    },
  };
}
