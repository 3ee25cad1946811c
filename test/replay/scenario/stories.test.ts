/** The stories as committed traces: what is on disk is what the stories tell today. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { compareOutcome } from "../../../src/replay/compare.js";
import { scenarioText } from "../../../src/replay/scenario/scenario-text.js";
import { STORIES, tellStory } from "../../../src/replay/scenario/stories/index.js";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "traces", "seed");

const TOLD = STORIES.flatMap((plan) =>
  plan.profiles.map((profile) => ({ plan, profile, file: `${plan.id}.${profile}.ndjson` })),
);

describe.each(TOLD)("$file", ({ plan, profile, file }) => {
  test("is the story as it is told today", async () => {
    const text = scenarioText(tellStory(plan, profile));
    await expect(text).toMatchFileSnapshot(join(FOLDER, file));
  });

  test("holds the model's own answers, except where its kernel is another", () => {
    const scenario = tellStory(plan, profile);
    const machine = new Machine(PROFILES[profile]);
    const differing = scenario.events
      .flatMap((event) => compareOutcome(event, machine.apply(event).outcome))
      .map(({ seq }) => seq);
    expect([...new Set(differing)]).toEqual(scenario.contradicted);
  });
});

test("no trace is left over from a story that is told no more", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ndjson"));
  expect(files.sort()).toEqual(TOLD.map(({ file }) => file).sort());
});
