/** What `lutrace corpus update` does. */

import { type CorpusArgs, runCorpus } from "../corpus/run-corpus.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";

export async function corpusUpdate(args: CorpusArgs, io: CliIo): Promise<ExitStatus> {
  return (await runCorpus(args, io, true)).status;
}
