/** `npm run mutate`: faults made from clean scenarios, and whether the right rule finds each. */

import { runMutations } from "./mutation/run.js";

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const results = runMutations();
const rules = new Map<string, { owned: number; exact: number; found: number }>();
for (const { owners, blamed, verdict } of results) {
  for (const rule of owners) {
    const score = rules.get(rule) ?? { owned: 0, exact: 0, found: 0 };
    rules.set(rule, score);
    score.owned++;
    if (blamed.includes(rule)) score.found++;
    if (verdict === "exact") score.exact++;
  }
}

write("rule                                     mutants  found  nobody else blamed");
for (const [rule, { owned, found, exact }] of [...rules].sort()) {
  const cells = [rule.padEnd(40), String(owned).padStart(7), String(found).padStart(6)];
  write(`${cells.join(" ")} ${String(exact).padStart(19)}`);
}
for (const { mutation, scenario, profile, owners, blamed, verdict } of results) {
  if (verdict === "exact" || verdict === "equivalent") continue;
  const who = `${verdict}: ${mutation}, ${scenario}, ${profile}`;
  write(`${who}: expected ${owners.join(" ") || "nothing"}, blamed ${blamed.join(" ") || "-"}`);
}
