/** Faults made from clean traces: the rule that owns one finds it, and no other is blamed. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failureText, scoreOf } from "../../scripts/mutation/score.js";
import { MUTATIONS, OUT_OF_REACH } from "../../scripts/mutation/table/index.js";
import { RULES, ruleById } from "../../src/checkers/rules/index.js";

/** Mutants of one mutation that the test makes; `npm run mutate` makes them all. */
const SAMPLE = 3;

describe("the table", () => {
  const owners = new Set(MUTATIONS.map(({ rule }) => rule));

  test("has a fault for every rule, or says why there is none", () => {
    const without = RULES.map(({ id }) => id).filter((id) => !owners.has(id));
    expect(without).toEqual(OUT_OF_REACH.map(({ rule }) => rule));
  });

  test("names rules that exist", () => {
    const named = MUTATIONS.flatMap(({ rule, also = {} }) => [rule, ...Object.keys(also)]);
    expect(named.filter((id) => ruleById(id) === undefined)).toEqual([]);
  });

  test("is what the page of scores shows", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/mutation.md"), "utf8");
    const missing = MUTATIONS.filter(({ rule, fault }) => !page.includes(`| ${rule} | ${fault} |`));
    expect(missing.map(({ fault }) => fault)).toEqual([]);
  });
});

test.for(MUTATIONS.map((mutation) => [`${mutation.rule}: ${mutation.fault}`, mutation] as const))(
  "%s",
  ([, mutation]) => {
    const { made, failed } = scoreOf(mutation, SAMPLE);
    expect(made).toBeGreaterThan(0);
    expect(failed.map(failureText)).toEqual([]);
  },
);
