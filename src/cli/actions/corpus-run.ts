/** What `lutrace corpus run` does. */

import { type CorpusArgs, differenceStatus, runCorpus } from "../corpus/run-corpus.js";
import { type ExitStatus, worstStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";

export async function corpusRun(args: CorpusArgs, io: CliIo): Promise<ExitStatus> {
  const { entries, status } = await runCorpus(args, io, false);
  return worstStatus([status, differenceStatus(entries)]);
}
