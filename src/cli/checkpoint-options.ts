/** Options of the commands that look at a trace at one event. */

import type { Argv } from "yargs";
import { READING } from "./options.js";

export interface CheckpointArgs {
  readonly cache: boolean;
  readonly "cache-dir": string | undefined;
}

export function checkpointOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("cache", {
      type: "boolean",
      group: READING,
      default: true,
      describe: "Store checkpoints of large traces, and go on from them (--no-cache: do not)",
    })
    .option("cache-dir", {
      type: "string",
      group: READING,
      requiresArg: true,
      describe:
        "Where checkpoints are stored; default: $XDG_CACHE_HOME/lutrace or ~/.cache/lutrace",
    });
}
