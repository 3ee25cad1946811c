/** The common part of `corpus run` and `corpus update`. */

import { readExpectation } from "../../replay/corpus/expectation.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";
import { Gate } from "../many/gate.js";
import type { ManyArgs, ShardArgs } from "../many/many-options.js";
import { runMany } from "../many/run-many.js";
import type { CorpusSettings } from "../many/task.js";
import type { Format } from "../options.js";
import { corpusItems } from "./corpus-items.js";
import { CorpusPrinter, type CorpusShow } from "./corpus-printer.js";
import { judge } from "./judge.js";

/** Expectations that are open at the same time; the system has a limit. */
const EXPECTATIONS_AT_ONCE = 8;

export interface CorpusArgs {
  readonly folder: readonly string[];
  readonly format: Format;
  readonly verbose: boolean;
}

export type CorpusRunArgs = CorpusArgs & ManyArgs & ShardArgs & { readonly progress: boolean };

/** Judges every trace of a corpus and prints the entries in the order of their paths. */
export async function runCorpus(
  args: CorpusRunArgs,
  io: CliIo,
  is_update: boolean,
): Promise<ExitStatus> {
  const settings: CorpusSettings = { command: "corpus", profile: undefined };
  const reading = new Gate(EXPECTATIONS_AT_ONCE);
  const show: CorpusShow = { format: args.format, verbose: args.verbose, is_update };
  return await runMany(
    {
      items: await corpusItems(args.folder),
      settings,
      show: { ...show },
      work: (item, analyst) =>
        judge(item, {
          expected: (path) => reading.run(() => readExpectation(path)),
          analyse: (profile) =>
            analyst.corpus({ path: item.path, settings: { ...settings, profile } }, item),
          update: is_update,
        }),
      printer: (to) => new CorpusPrinter(to, show),
    },
    args,
    io,
  );
}
