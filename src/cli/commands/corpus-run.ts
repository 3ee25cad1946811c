import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";

export const corpusRunCommand = defineCommand({
  positionals: "[folder]",
  description: `Checks and replays every trace below a folder, on all cores, and compares \
findings, counted calls and the final state with X.expect.json beside \
X.ndjson. Prints what differs and how; exit status 1 when anything does.`,
  build: (yargs) =>
    corpusOptions(yargs).example("$0 corpus run traces/luo", "Only a part of the corpus"),
  run: async (args, io) => (await import("../actions/corpus-run.js")).corpusRun(args, io),
});
