import { defineCommand } from "../command.js";
import { formatOption } from "../options.js";

export const explainCommand = defineCommand({
  positionals: "<rule>",
  description: "Explains one rule: what it says, why it matters, what is no violation, what to do.",
  build: (yargs) =>
    formatOption(yargs)
      .positional("rule", {
        type: "string",
        demandOption: true,
        describe: "Id of a rule, as check and rules print it",
      })
      .example("$0 explain ses-double-preserve", "The page of this rule"),
  run: async (args, io) => (await import("../actions/explain.js")).explain(args, io),
});
