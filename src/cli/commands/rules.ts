import { FAMILIES } from "../../checkers/finding.js";
import { defineCommand } from "../command.js";
import { formatOption, profileId } from "../options.js";

const FAMILY_NAMES = Object.values(FAMILIES);

export const rulesCommand = defineCommand({
  positionals: "",
  description: `Lists the rules that check runs, with their severity and the profiles in which \
they hold. lutrace explain <rule> says more about one of them. --coverage: in \
which traces each of them fires and in which it stays silent, what is not \
exercised, and what no rule looks at.`,
  build: (yargs) =>
    formatOption(yargs)
      .option("profile", {
        type: "string",
        requiresArg: true,
        describe: "Only the rules that hold in this profile",
        coerce: profileId,
      })
      .option("family", {
        choices: FAMILY_NAMES,
        requiresArg: true,
        describe: "Only the rules of one family",
      })
      .option("coverage", {
        type: "string",
        describe: "What the traces below a folder exercise, by their expectations; default: traces",
        coerce: (folder: string | undefined) => (folder === "" ? "traces" : folder),
      })
      .example("$0 rules --coverage traces", "What the corpus exercises, and what not")
      .example("$0 rules --profile luo73", "What is checked on the merged kernel"),
  run: async (args, io) => (await import("../actions/rules.js")).rules(args, io),
});
