/**
 * The catalogue against the checker: what a scenario says about itself must be what is found, no
 * more and no less. The traces on disk are what the scenarios tell today.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { compareOutcome } from "../../../src/replay/compare.js";
import { cataloguePage } from "../../../src/replay/scenario/catalogue/catalogue-page.js";
import { expectationText } from "../../../src/replay/scenario/catalogue/expectation-text.js";
import {
  type ExpectedFinding,
  SCENARIOS,
  tellScenario,
  traceName,
} from "../../../src/replay/scenario/catalogue/index.js";
import { scenarioText } from "../../../src/replay/scenario/scenario-text.js";
import { findingsIn } from "../../support/findings.js";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "traces", "scenarios");

const TOLD = SCENARIOS.flatMap((plan) =>
  plan.profiles.map((profile) => {
    const name = traceName(plan, profile);
    return { name, plan, profile, tale: tellScenario(plan, profile) };
  }),
);

function textOf({ seq, rule, severity, objects }: ExpectedFinding): string {
  return `#${seq} ${rule} ${severity}: ${objects.join(", ")}`;
}

test("no two scenarios have one name", () => {
  expect(new Set(TOLD.map(({ name }) => name)).size).toBe(TOLD.length);
});

describe.each(TOLD)("$name", ({ name, plan, profile, tale }) => {
  test("gives the findings it states", () => {
    const found = findingsIn(tale).map(textOf);
    expect(found.sort()).toEqual(tale.expected.map(textOf).sort());
  });

  test("holds the model's own answers, except where its kernel is another", () => {
    const machine = new Machine(PROFILES[profile]);
    const differing = tale.events
      .flatMap((event) => compareOutcome(event, machine.apply(event).outcome))
      .map(({ seq }) => seq);
    expect([...new Set(differing)]).toEqual([...new Set(tale.contradicted)]);
  });

  test("is on disk as it is told today", async () => {
    const again = scenarioText(tellScenario(plan, profile));
    expect(scenarioText(tale)).toBe(again);
    await expect(again).toMatchFileSnapshot(join(FOLDER, `${name}.ndjson`));
    const expectation = expectationText(plan, tale);
    await expect(expectation).toMatchFileSnapshot(join(FOLDER, `${name}.expect.json`));
  });
});

test("no trace is left over from a scenario that is told no more", () => {
  const told = new Set(TOLD.flatMap(({ name }) => [`${name}.ndjson`, `${name}.expect.json`]));
  expect(readdirSync(FOLDER).filter((file) => !told.has(file))).toEqual([]);
});

test("docs/scenarios.md says what the catalogue holds", async () => {
  const page = join(import.meta.dirname, "..", "..", "..", "docs", "scenarios.md");
  await expect(cataloguePage()).toMatchFileSnapshot(page);
});
