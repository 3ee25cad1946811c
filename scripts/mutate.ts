/**
 * `npm run mutate`: faults made from clean traces, and whether the rule that owns each finds it.
 * Prints the scores and writes docs/mutation.md. Exit status 1 when a fault is missed.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { blindScores } from "./mutation/blind-score.js";
import { mutationPage } from "./mutation/page.js";
import { byRule, failureText, scoreOf, total } from "./mutation/score.js";
import { MUTATIONS } from "./mutation/table/index.js";

const PAGE = join(import.meta.dirname, "..", "docs", "mutation.md");

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const row = (name: string, ...numbers: readonly (string | number)[]): void => {
  write(name.padEnd(50) + numbers.map((number) => String(number).padStart(9)).join(""));
};

const scores = MUTATIONS.map((mutation) => scoreOf(mutation));
row("rule", "mutants", "found", "blamed");
for (const [rule, { made, found, blamed }] of byRule(scores)) row(rule, made, found, blamed);
const all = total(scores);
row("all", all.made, all.found, all.blamed);
const failures = scores.flatMap(({ failed }) => failed);
for (const failure of failures) write(failureText(failure));

const blind = blindScores();
write("");
row("blind change", "mutants", "harmless", "told", "known", "open");
for (const { change, made, harmless, told, known, open } of blind) {
  const explained = [...known.values()].reduce((sum, count) => sum + count, 0);
  row(change, made, harmless, told, explained, open.length);
  for (const text of open) write(text);
}
writeFileSync(PAGE, mutationPage(scores, blind));
process.exitCode = failures.length + blind.flatMap(({ open }) => open).length > 0 ? 1 : 0;
