/** All rules, by id. A rule is one file here and one line in this list. */

import type { Rule } from "../rule.js";
import { traceFdUnknown } from "./trace-fd-unknown.js";
import { traceProfileMissing } from "./trace-profile-missing.js";
import { traceResultMissing } from "./trace-result-missing.js";
import { traceTimestampDisorder } from "./trace-timestamp-disorder.js";

export const RULES: readonly Rule[] = [
  traceFdUnknown,
  traceProfileMissing,
  traceResultMissing,
  traceTimestampDisorder,
];

export function ruleById(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
