/**
 * A program does not know which kernel it will meet: told again under another profile, a trace is
 * judged like the same story that was told under that profile from the start.
 */

import { expect, test } from "vitest";
import { isRoot, judge } from "../../scripts/mutation/judge.js";
import { profileOf } from "../../scripts/mutation/program.js";
import { Telling } from "../../scripts/mutation/retell.js";
import { readProgram, traceNames } from "../../scripts/mutation/traces.js";
import type { Event } from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";

/** Stories in which no kernel answers otherwise than its profile, under several profiles each. */
const STORIES = traceNames("scenarios").filter((name) =>
  /\/(S01|S03-two|S04|S07|S33|S34|S36|S37-crash-after|S39|S42|S52|X04|X10)/.test(name),
);

/** What stands for a fault; information depends on how the story lets its device run on. */
function verdict(name: string, profile: ProfileId, events: readonly Event[]): string[] {
  const { header } = readProgram(name).trace;
  const { findings } = judge({ profile, header: { ...header, profile }, events });
  return findings.filter(isRoot).map(({ rule, severity }) => `${rule} ${severity}`);
}

function retold(name: string, profile: ProfileId): string[] {
  const telling = new Telling(readProgram(name), profile);
  for (const step of telling.program.steps) telling.make(step);
  return verdict(name, profile, telling.events);
}

test.for(STORIES.map((name) => [name] as const))("%s", ([name]) => {
  const [story = ""] = name.split(".");
  for (const other of STORIES.filter((one) => one.startsWith(`${story}.`) && one !== name)) {
    const { trace } = readProgram(other);
    const profile = profileOf(trace);
    const expected = verdict(other, profile, trace.events);
    expect(retold(name, profile), `under ${profile}`).toEqual(expected);
  }
});
