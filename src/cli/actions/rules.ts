/** What `lutrace rules` does. */

import { limitsOf } from "../../checkers/limits.js";
import type { Rule } from "../../checkers/rule.js";
import { RULES } from "../../checkers/rules/index.js";
import type { ProfileId } from "../../engine/profile/index.js";
import { counted } from "../../report/number-text.js";
import { renderTable } from "../../report/table.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";

const SUMMARY_COLUMNS = 56;

export interface RulesArgs {
  readonly profile: ProfileId | undefined;
  readonly family: string | undefined;
  /** Folder with traces; undefined: the rules are listed. */
  readonly coverage: string | undefined;
  readonly format: Format;
}

export async function rules(args: RulesArgs, io: CliIo): Promise<ExitStatus> {
  const { profile, family } = args;
  const list = RULES.filter(
    (rule) =>
      (profile === undefined || rule.profiles.includes(profile)) &&
      (family === undefined || rule.family === family),
  );
  if (args.coverage !== undefined) {
    const { ruleCoverage } = await import("./rule-coverage.js");
    return await ruleCoverage(list, args.coverage, args.format, io);
  }
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
  const rows = list.map((rule) => [rule.id, rule.severity, rule.profiles.join(" "), rule.summary]);
  const table = renderTable(columns, rows, styleFor(io));
  await io.out.write(`${table}\n\n${counted(list.length, "rule")}\n`);
  return EXIT.ok;
}

/** What a rule says about itself, as JSON. */
export function ruleFacts(rule: Rule) {
  const { id, family, severity, severity_in, profiles, summary, sources } = rule;
  const limits = limitsOf(id);
  return { id, family, severity, severityIn: severity_in, profiles, summary, sources, limits };
}
