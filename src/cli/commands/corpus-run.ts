import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";
import { manyOptions, shardOption } from "../many/many-options.js";
import { progressOption } from "../options.js";

export const corpusRunCommand = defineCommand({
  positionals: "[folder..]",
  description: `Checks and replays every trace below a folder, on all cores, and compares \
findings, counted calls and the final state with X.expect.json beside \
X.ndjson. Prints what differs and how; exit status 1 when anything does.`,
  build: (yargs) =>
    shardOption(manyOptions(progressOption(corpusOptions(yargs))))
      .example("$0 corpus run traces/luo", "Only a part of the corpus")
      .example("$0 corpus run --shard 2/8 > 2.shard", "An eighth; see corpus merge"),
  run: async (args, io) => (await import("../actions/corpus-run.js")).corpusRun(args, io),
});
