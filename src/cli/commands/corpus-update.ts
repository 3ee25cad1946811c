import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";
import { manyOptions } from "../many/many-options.js";
import { progressOption } from "../options.js";

export const corpusUpdateCommand = defineCommand({
  positionals: "[folder..]",
  description: `Does what corpus run does, and then writes what each trace gave into its \
X.expect.json. Prints what changed: read it before you commit it.`,
  build: (yargs) => manyOptions(progressOption(corpusOptions(yargs))),
  run: async (args, io) => (await import("../actions/corpus-update.js")).corpusUpdate(args, io),
});
