/**
 * A stored machine goes on as the machine itself does: over the whole corpus, at several places of
 * each trace and at places nobody chose.
 */

import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../src/engine/event/index.js";
import type { Machine, Step } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { entriesOf } from "../../../src/replay/checkpoint/graph-path.js";
import { findTraces } from "../../../src/replay/corpus/find-traces.js";
import { openTrace } from "../../../src/replay/source.js";
import { startMachine } from "../../../src/replay/start-machine.js";
import { stateHash } from "../../../src/replay/state/state-hash.js";
import { graphDifference } from "./graph-difference.js";
import { STATICS, stored } from "./stored-machine.js";

const MINUTES_MS = 60_000;
const TRACES = join(import.meta.dirname, "../../../traces");
const { traces } = await findTraces(TRACES);

interface Told {
  readonly start: () => Machine;
  readonly events: readonly Event[];
}

async function read(path: string): Promise<Told> {
  const source = await openTrace(path, { lenient: true });
  const events: Event[] = [];
  for await (const event of source.events()) events.push(event);
  const profile = PROFILES[source.header.profile ?? "luo73"];
  return { start: () => startMachine(profile, source.header), events };
}

/** What a step told, as far as it can be compared between two machines. */
function tale({ outcome, transitions }: Step): unknown {
  const { judgement, errno, ret, out, decided_by, claims, data } = outcome;
  const kinds = transitions.map(({ kind }) => kind);
  return { judgement, errno, ret, out, decided_by, claims, data, kinds };
}

async function compareFrom(told: Told, cut: number): Promise<void> {
  const straight = told.start();
  for (const event of told.events.slice(0, cut)) straight.apply(event);
  const resumed = await stored(straight);
  expect(stateHash(resumed)).toBe(stateHash(straight));
  for (const event of told.events.slice(cut)) {
    const expected = tale(straight.apply(event));
    expect(tale(resumed.apply(event)), `event #${event.seq}`).toEqual(expected);
  }
  expect(stateHash(resumed)).toBe(stateHash(straight));
  expect(graphDifference(resumed, straight, STATICS)).toBeUndefined();
}

describe("a stored machine", { timeout: 10 * MINUTES_MS }, () => {
  test("goes on as the machine itself, in every trace of the corpus", async () => {
    expect(traces.length).toBeGreaterThan(100);
    for (const { path } of traces) {
      const told = await read(path);
      const { length } = told.events;
      for (const cut of new Set([length >> 1, length])) await compareFrom(told, cut);
    }
  });

  test("goes on as the machine itself, from any event", async () => {
    const anyPlace = fc.record({
      path: fc.constantFrom(...traces.map(({ path }) => path)),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(anyPlace, async ({ path, share }) => {
        const told = await read(path);
        await compareFrom(told, Math.floor(told.events.length * share));
      }),
      { numRuns: 100 },
    );
  });
});

/** Everything below a machine that is not the program's own. */
function ownObjects(machine: Machine, statics: ReadonlySet<object>): Map<object, string> {
  const found = new Map<object, string>([[machine, "Machine"]]);
  for (const [thing, place] of found) {
    for (const [key, value] of entriesOf(thing)) {
      if (typeof value !== "object" || value === null) continue;
      if (!found.has(value) && !statics.has(value)) found.set(value, place + key);
    }
  }
  return found;
}

/** Two machines that share something changeable, or compare it by identity, cannot be stored. */
test("machines share nothing but what is stored by name", { timeout: 5 * MINUTES_MS }, async () => {
  const shared = new Set<string>();
  for (const { path } of traces) {
    const [one, other] = [await read(path), await read(path)].map(({ start, events }) => {
      const machine = start();
      for (const event of events) machine.apply(event);
      return ownObjects(machine, STATICS);
    });
    for (const [thing, place] of one ?? []) {
      if (other?.has(thing) === true) shared.add(place.replaceAll(/\d+/g, "N"));
    }
  }
  expect([...shared], "name it in src/replay/checkpoint/statics.ts").toEqual([]);
});
