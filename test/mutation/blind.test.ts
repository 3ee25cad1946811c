/**
 * Every event of a happy path is changed without a look at what it is: harm is blamed on one rule,
 * what is harmless on none, and the exceptions are known.
 */

import { expect, test } from "vitest";
import { blindScores } from "../../scripts/mutation/blind-score.js";

/** The scenarios of the sample; `npm run mutate` takes all happy paths. */
const SAMPLE = [/\/S01-/, /\/S02-/, /\/S37-crash-after/];

const SCORES = blindScores(SAMPLE);

test.for(SCORES.map((score) => [score.change, score] as const))("%s", ([, score]) => {
  expect(score.open).toEqual([]);
  expect(score.harmless + score.told).toBeGreaterThan(0);
});
