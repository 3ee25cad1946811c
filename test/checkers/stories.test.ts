/**
 * What the stories must give, by what the rules say in words. Rules that are only informative are
 * left out.
 */

import { describe, expect, test } from "vitest";
import { createChecker } from "../../src/checkers/checker.js";
import { RULES } from "../../src/checkers/rules/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { STORIES, tellStory } from "../../src/replay/scenario/stories/index.js";

type Expected = readonly string[];

/** Findings as `rule severity`; by profile where they differ. A story that is not here is clean. */
const EXPECTED: Readonly<Record<string, Expected | Partial<Record<ProfileId, Expected>>>> = {
  "crash-restored-twice": { p2: ["api-restore-twice warning"], seed: [] },
  "crash-without-second-holder": [
    "leak-session-fd-single-holder warning",
    "leak-session-stuck error",
    "ses-retrieve-session-twice warning",
  ],
  "reaper-incomplete": ["leak-session-stuck error", "ses-reaper-incomplete error"],
  "handle-forgotten": ["leak-restored-hwpt-after-replace warning"],
  "memory-forgotten": {
    rfc2: ["cmp-mapped-memory-not-preserved error", "dma-to-reused-page error"],
    seed: ["cmp-mapped-memory-not-preserved error", "dma-to-reused-page error"],
  },
  "memory-late": {
    p1v1: ["ses-order-violation warning"],
    p1v5: ["ses-order-violation warning"],
    p2: ["ses-order-violation warning"],
    seed: [],
  },
  "session-forgotten": ["leak-session-never-retrieved error"],
  "second-update-forgets-the-vm": [
    "cmp-second-update-with-unfinished-session error",
    "leak-session-never-retrieved error",
  ],
  "back-to-restored": { p2: ["imm-replace-with-restored error"], seed: [] },
  "destroy-before-replace": ["api-destroy-restored-before-replace warning"],
  "finish-too-early": ["dma-lost-translation error", "ses-finish-before-replace error"],
  "finish-frees-unclaimed-domain": {
    p2: [
      "dma-lost-translation error",
      "leak-file-not-retrieved-at-finish warning",
      "own-domain-freed-without-owner error",
      "ses-finish-before-replace error",
    ],
    seed: [
      "dma-lost-translation error",
      "leak-file-not-retrieved-at-finish warning",
      "own-domain-freed-without-owner error",
      "own-finish-touched-domain error",
      "ses-finish-before-replace error",
    ],
  },
  "map-on-restored-refused": ["api-map-restored-hwpt warning"],
  "map-on-restored-accepted": ["api-map-restored-hwpt error"],
  "punched-under-restored-domain": [
    "dma-to-reused-page error",
    "imm-punch-retrieved-memfd-under-restored-domain error",
  ],
  "kernel-driver-accepted": ["own-kernel-driver-on-preserved-device error"],
  "foreign-bind-accepted": ["own-foreign-bind-preserved-device error"],
};

const KNOWN: ReadonlySet<string> = new Set(RULES.map((rule) => rule.id));

function expectedOf(id: string, profile: ProfileId): string[] {
  const expected = EXPECTED[id] ?? [];
  const list = Array.isArray(expected)
    ? (expected as Expected)
    : ((expected as Partial<Record<ProfileId, Expected>>)[profile] ?? []);
  return list.filter((finding) => KNOWN.has(finding.split(" ")[0] ?? ""));
}

const TOLD = STORIES.flatMap((plan) => plan.profiles.map((profile) => ({ plan, profile })));

describe.each(TOLD)("$plan.id under $profile", ({ plan, profile }) => {
  test("gives what the rules say", () => {
    const { events } = tellStory(plan, profile);
    const machine = new Machine(PROFILES[profile]);
    const checker = createChecker({ profile, header: { profile } });
    for (const event of events) checker.step(machine.apply(event), machine);
    const found = checker
      .finish({}, machine)
      .filter(({ severity }) => severity !== "info")
      .map(({ rule, severity }) => `${rule} ${severity}`);
    expect([...new Set(found)].sort()).toEqual(expectedOf(plan.id, profile));
  });
});
