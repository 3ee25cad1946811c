/** The test every rule has: stories with what must be found in them, and two traces on disk. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createChecker } from "../../src/checkers/checker.js";
import type { Finding } from "../../src/checkers/finding.js";
import type { Rule } from "../../src/checkers/rule.js";
import { ruleById } from "../../src/checkers/rules/index.js";
import type { MachineFacts } from "../../src/engine/event/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { compareOutcome } from "../../src/replay/compare.js";
import { Story } from "./story.js";

const ROOT = join(import.meta.dirname, "..", "..");

type Tell = (story: Story) => void;

export interface RuleStories {
  /** Profile of all stories. */
  readonly profile: ProfileId;
  /** Header facts of the firing story. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Devices and limits of the machine. */
  readonly machine?: MachineFacts;
  /** Must be reported; goes to traces/rules/<id>/fires.ndjson. */
  readonly fires: Tell;
  /** Comes close and is no violation; goes to traces/rules/<id>/silent.ndjson. */
  readonly silent: Tell;
  readonly cases?: Readonly<Record<string, Tell>>;
  /** Cases under other profiles. */
  readonly under?: Partial<Readonly<Record<ProfileId, Readonly<Record<string, Tell>>>>>;
}

export function findingsOf(told: Story, rules?: readonly Rule[]): readonly Finding[] {
  const machine = new Machine(PROFILES[told.profile]);
  const { header } = told;
  const checker = createChecker({ profile: told.profile, header, rules });
  for (const event of told.events) checker.step(machine.apply(event), machine);
  return checker.finish({}, machine);
}

/** Differences between the record and the model, where the story did not ask for them. */
function divergencesOf(told: Story): string[] {
  const machine = new Machine(PROFILES[told.profile]);
  return told.events
    .flatMap((event) => compareOutcome(event, machine.apply(event).outcome))
    .filter((found) => !told.contradicted.includes(found.seq))
    .map((found) => `#${found.seq} ${found.op}.${found.field}: ${found.predicted}`);
}

function expectFindings(told: Story, rule: Rule): void {
  const found = findingsOf(told, [rule]).map(({ seq, severity, message, count, witness }) => {
    const expected = told.expected.find((e) => e.seq === seq && e.message === message);
    return {
      seq,
      severity,
      message,
      ...(expected?.count === undefined ? {} : { count }),
      ...(expected?.witness === undefined ? {} : { witness }),
    };
  });
  expect(found).toEqual(told.expected);
}

export function describeRule(id: string, stories: RuleStories): void {
  const rule = ruleById(id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  const tell = (what: Tell, profile = stories.profile) => {
    const facts = what === stories.fires ? stories.facts : {};
    const told = new Story(profile, facts, stories.machine);
    what(told);
    return told;
  };
  describe(id, () => {
    const all = { fires: stories.fires, silent: stories.silent, ...stories.cases };
    test.for(Object.entries(all))("%s", ([, what]) => {
      const told = tell(what);
      expectFindings(told, rule);
      expect(divergencesOf(told)).toEqual([]);
    });

    for (const [profile, cases] of Object.entries(stories.under ?? {})) {
      test.for(Object.entries(cases))(`under ${profile}: %s`, ([, what]) => {
        const told = tell(what, profile as ProfileId);
        expectFindings(told, rule);
        expect(divergencesOf(told)).toEqual([]);
      });
    }

    test("the firing story fires, the silent one does not", () => {
      expect(tell(stories.fires).expected.length).toBeGreaterThan(0);
      expect(tell(stories.silent).expected).toEqual([]);
    });

    test.for(["fires", "silent"] as const)("traces/rules holds the story that %s", async (name) => {
      const path = join(ROOT, "traces", "rules", id, `${name}.ndjson`);
      await expect(tell(stories[name]).text()).toMatchFileSnapshot(path);
    });
  });
}

export function readDoc(id: string): string {
  return readFileSync(join(ROOT, "docs", "rules", `${id}.md`), "utf8");
}
