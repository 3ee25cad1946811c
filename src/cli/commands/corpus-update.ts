import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";
import { runCorpus } from "../corpus/run-corpus.js";

export const corpusUpdate = defineCommand({
  positionals: "[folder]",
  description: `Does what corpus run does, and then writes what each trace gave into its X.expect.json.
Prints what changed: read it before you commit it.`,
  build: (yargs) => corpusOptions(yargs),
  run: async (args, io) => (await runCorpus(args, io, true)).status,
});
