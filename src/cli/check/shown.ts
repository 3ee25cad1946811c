/** How much of its findings the text of `check` shows. */
export const SHOWN = { findings_per_rule_max: 20, witness_max: 12 } as const;
