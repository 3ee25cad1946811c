import { FAMILIES } from "../../checkers/finding.js";
import type { Rule } from "../../checkers/rule.js";
import { RULES } from "../../checkers/rules/index.js";
import { counted } from "../../report/number-text.js";
import { renderTable } from "../../report/table.js";
import { defineCommand } from "../command.js";
import { EXIT } from "../exit-status.js";
import { styleFor, writeJson } from "../io.js";
import { formatOption, profileId } from "../options.js";

const FAMILY_NAMES = Object.values(FAMILIES);
const SUMMARY_COLUMNS = 56;

export const rules = defineCommand({
  positionals: "",
  description: `Lists the rules that check runs, with their severity and the profiles in which they hold.
lutrace explain <rule> says more about one of them.`,
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
      .example("$0 rules --profile luo73", "What is checked on the merged kernel"),
  run: async (args, io) => {
    const { profile, family } = args;
    const list = RULES.filter(
      (rule) =>
        (profile === undefined || rule.profiles.includes(profile)) &&
        (family === undefined || rule.family === family),
    );
    if (args.format === "json") {
      await writeJson(io.out, { version: 1, rules: list.map(ruleFacts) });
      return EXIT.ok;
    }
    const columns = [
      { title: "rule" },
      { title: "severity" },
      { title: "profiles" },
      { title: "what must hold", width_columns: SUMMARY_COLUMNS },
    ];
    const rows = list.map((rule) => [
      rule.id,
      rule.severity,
      rule.profiles.join(" "),
      rule.summary,
    ]);
    const table = renderTable(columns, rows, styleFor(io));
    await io.out.write(`${table}\n\n${counted(list.length, "rule")}\n`);
    return EXIT.ok;
  },
});

/** What a rule says about itself, as JSON. */
export function ruleFacts(rule: Rule) {
  const { id, family, severity, severity_in, profiles, summary, sources } = rule;
  return { id, family, severity, severityIn: severity_in, profiles, summary, sources };
}
