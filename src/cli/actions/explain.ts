/** What `lutrace explain` does. */

import { readFile } from "node:fs/promises";
import { limitsOf } from "../../checkers/limits.js";
import type { Rule } from "../../checkers/rule.js";
import { RULES } from "../../checkers/rules/index.js";
import type { Style } from "../../report/style.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";
import { suggestion } from "../suggest.js";
import { UsageError } from "../usage-error.js";
import { ruleFacts } from "./rules.js";

export interface ExplainArgs {
  readonly rule: string;
  readonly format: Format;
}

export async function explain(args: ExplainArgs, io: CliIo): Promise<ExitStatus> {
  const rule = RULES.find(({ id }) => id === args.rule);
  if (rule === undefined) {
    const hint = suggestion(
      args.rule,
      RULES.map(({ id }) => id),
    );
    throw new UsageError(`unknown rule ${args.rule}${hint}; lutrace rules lists them`);
  }
  const page = await pageOf(rule);
  if (args.format === "json") {
    await writeJson(io.out, { version: 1, ...ruleFacts(rule), page });
    return EXIT.ok;
  }
  await io.out.write(`${withHeadings(page, styleFor(io))}\n\n${facts(rule)}\n`);
  return EXIT.ok;
}

/** The rule's page in docs/rules, which is part of the package. */
async function pageOf(rule: Rule): Promise<string> {
  const url = new URL(`../../../docs/rules/${rule.id}.md`, import.meta.url);
  try {
    return (await readFile(url, "utf8")).trim();
  } catch {
    return `# ${rule.id}\n\n${rule.summary}`;
  }
}

function withHeadings(page: string, style: Style): string {
  return page.replace(/^#+ (.*)$/gm, (_, heading: string) => style.bold(heading));
}

function facts(rule: Rule): string {
  const milder = Object.entries(rule.severity_in ?? {}).map(([id, level]) => `, ${level} in ${id}`);
  return [
    `severity  ${rule.severity}${milder.join("")}`,
    `profiles  ${rule.profiles.join(", ")}`,
    ...rule.sources.map((source) => `source    ${source}`),
    ...limitsOf(rule.id).map((limit) => `limit     ${limit}`),
  ].join("\n");
}
