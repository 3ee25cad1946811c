import { defineCommand } from "../command.js";

export const corpusMergeCommand = defineCommand({
  positionals: "<shard..>",
  description: `Puts together what corpus run --shard I/N or check --shard I/N has printed, and \
prints what the run would have printed without --shard, byte for byte, with \
the same exit status. Shards that do not belong together are refused.`,
  build: (yargs) =>
    yargs
      .positional("shard", {
        type: "string",
        demandOption: true,
        array: true,
        describe: "File with the output of one shard; all of them are needed, in any order",
      })
      .example("$0 corpus merge *.shard", "After the last of them has ended"),
  run: async (args, io) => (await import("../actions/corpus-merge.js")).corpusMerge(args, io),
});
