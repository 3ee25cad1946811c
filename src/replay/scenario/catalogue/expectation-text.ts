/** What a scenario must give, as the file beside its trace says it. */

import type { ScenarioPlan, Tale } from "./plan.js";

/**
 * The text of `X.expect.json`. It is made from what the scenario says about itself, never from what
 * a checker found.
 */
export function expectationText(plan: ScenarioPlan, tale: Tale): string {
  const findings = tale.expected
    .map(({ rule, seq, objects }) => ({ rule, seq, objects }))
    .sort((a, b) => a.seq - b.seq);
  return `${JSON.stringify({ description: `${plan.id}: ${plan.title}`, findings }, null, 2)}\n`;
}
