/** What `lutrace corpus update` does. */

import { type CorpusRunArgs, runCorpus } from "../corpus/run-corpus.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";

export type CorpusUpdateArgs = Omit<CorpusRunArgs, "shard">;

export async function corpusUpdate(args: CorpusUpdateArgs, io: CliIo): Promise<ExitStatus> {
  return await runCorpus({ ...args, shard: undefined }, io, true);
}
