import { Readable } from "node:stream";
import type { CliIo, Output } from "../../src/cli/io.js";
import { runCli } from "../../src/cli/run.js";

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** The JSON document on stdout. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command line in this process, as a shell would, and gives back what it printed. */
export async function lutrace(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    out: output(out, options.isTerminal === true),
    err: output(err, false),
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    env: options.env ?? {},
  };
  const status = await runCli(argv, io);
  const text = out.join("");
  return { status, out: text, err: err.join(""), json: () => JSON.parse(text) };
}

function output(into: string[], isTerminal: boolean): Output {
  return {
    isTerminal,
    columns: undefined,
    write: async (text) => {
      into.push(text);
    },
  };
}
