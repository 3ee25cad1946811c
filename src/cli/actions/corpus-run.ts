/** What `lutrace corpus run` does. */

import { type CorpusRunArgs, runCorpus } from "../corpus/run-corpus.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";

export async function corpusRun(args: CorpusRunArgs, io: CliIo): Promise<ExitStatus> {
  return await runCorpus(args, io, false);
}
