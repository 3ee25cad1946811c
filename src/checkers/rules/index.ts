/** All rules, by id. A rule is one file here and one line in this list. */

import type { Rule } from "../rule.js";

export const RULES: readonly Rule[] = [];

export function ruleById(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
