import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";

export const corpusListCommand = defineCommand({
  positionals: "[folder..]",
  description: "Lists the traces of a corpus with what they are expected to give.",
  build: (yargs) => corpusOptions(yargs),
  run: async (args, io) => (await import("../actions/corpus-list.js")).corpusList(args, io),
});
