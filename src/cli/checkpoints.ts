/** Where the checkpoints of traces lie, and what is said when they cannot be stored. */

import { join } from "node:path";
import { AssertionError } from "../engine/assert.js";
import type { CheckpointOptions } from "../replay/checkpoint/analyse-from-checkpoint.js";
import { printable } from "../replay/printable.js";
import type { CheckpointArgs } from "./checkpoint-options.js";
import type { CliIo } from "./io.js";
import { usualCacheFolder } from "./many/open-cache.js";
import { programStamp } from "./program-stamp.js";

const NAME = "checkpoints-1";

/** How a command uses checkpoints; undefined where it is told not to, or has no place for them. */
export function checkpointsOf(
  { cache = true, "cache-dir": asked }: Partial<CheckpointArgs>,
  io: CliIo,
): CheckpointOptions | undefined {
  const folder = asked ?? usualCacheFolder(io.env);
  if (!cache || folder === undefined) return undefined;
  return {
    folder: join(folder, NAME),
    program: programStamp,
    now_ms: () => performance.now(),
    on_failure: async (error) => {
      // Without a folder that can be written to there is no cache; only who asked for it is told.
      const isBug = error instanceof AssertionError;
      if (!isBug && asked === undefined) return;
      const what = error instanceof Error ? error.message : String(error);
      const why = isBug ? `a bug in lutrace, please report it: ${what}` : what;
      await io.err.write(`note: no checkpoint was stored: ${printable(why)}\n`);
    },
  };
}
