/** Writes the README with the output of its commands as they print it today: `npm run readme`. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runCli } from "../src/cli/run.js";
import { fillOutputs } from "./readme/fill.js";

const README = join(import.meta.dirname, "..", "README.md");

async function run(argv: readonly string[]): Promise<string> {
  let text = "";
  const sink = (keep: boolean) => ({
    isTerminal: false,
    columns: undefined,
    write: async (chunk: string | Uint8Array) => {
      if (keep) text += Buffer.from(chunk).toString("utf8");
    },
  });
  await runCli(argv, { out: sink(true), err: sink(false), stdin: Readable.from([]), env: {} });
  return text;
}

writeFileSync(README, await fillOutputs(readFileSync(README, "utf8"), run));
