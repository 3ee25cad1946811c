/** Faults made from clean scenarios: the rule that owns one finds it, and no other is blamed. */

import { expect, test } from "vitest";
import { type MutantResult, runMutations } from "../../scripts/mutation/run.js";

/** No rule of the seed's model owns what its kernel refuses for being out of order or unmarked. */
const NOBODY_OWNS: readonly string[] = [
  "forget PRESERVE_FD of the memory, seed",
  "iommufd before its memory, seed",
  "forget to mark, seed",
];

/** A program that goes on after a failure meets more refusals, each of which is told. */
const GOES_ON_BLINDLY: readonly string[] = [
  "forget PRESERVE_FD of the device, rfc2",
  "forget PRESERVE_FD of the device, p2",
  "forget RETRIEVE_FD of the device, seed",
  "forget RETRIEVE_FD of the device, rfc2",
  "forget RETRIEVE_FD of the device, p2",
];

function named({ mutation, profile }: MutantResult): string {
  return `${mutation}, ${profile}`;
}

const RESULTS = runMutations();

test("there are mutants", () => {
  expect(RESULTS.length).toBeGreaterThan(90);
});

test.for(["missed", "others_too"] as const)("verdict %s only where it is known", (verdict) => {
  const known = verdict === "missed" ? NOBODY_OWNS : GOES_ON_BLINDLY;
  const found = RESULTS.filter((result) => result.verdict === verdict).map(named);
  expect([...new Set(found)].sort()).toEqual([...known].sort());
});
