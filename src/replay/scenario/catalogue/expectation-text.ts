/** What a scenario must give, as the file beside its trace says it. */

import type { ScenarioPlan, Tale } from "./plan.js";

/**
 * The text of `X.expect.json`. It is made from what the scenario says about itself, never from what
 * a checker found. Rules that `known` does not have are left out.
 */
export function expectationText(
  plan: ScenarioPlan,
  tale: Tale,
  known: (rule: string) => boolean,
): string {
  const findings = tale.expected
    .filter(({ rule }) => known(rule))
    .map(({ rule, seq, objects }) => ({ rule, seq, objects }))
    .sort((a, b) => a.seq - b.seq);
  return `${JSON.stringify({ description: `${plan.id}: ${plan.title}`, findings }, null, 2)}\n`;
}

/** Rules that must find something here and that do not exist yet. Infos may be missing. */
export function pendingRules(tale: Tale, known: (rule: string) => boolean): string[] {
  const open = tale.expected.filter(({ rule, severity }) => severity !== "info" && !known(rule));
  return [...new Set(open.map(({ rule }) => rule))];
}
