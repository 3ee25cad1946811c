/** Any event that fits the format leaves the engine standing: nonsense is no bug of ours. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES } from "../../src/engine/profile/index.js";
import { compareOutcome } from "../../src/replay/compare.js";
import { EVENT_ARBITRARIES, START } from "./arbitrary-event.js";

type Changeable = { -readonly [K in keyof Event]: Event[K] } & Record<string, unknown>;

/** Moves an event near to what exists: small pids, descriptors, ids and results. */
function near(event: Event, choices: readonly number[]): Event {
  let used = 0;
  const pick = (below: number): number => (choices[used++ % choices.length] ?? 0) % below;
  const moved: Changeable = { ...event } as Changeable;
  if ("pid" in moved) moved["pid"] = 1;
  if ("fd" in moved && pick(8) > 0) moved["fd"] = 3 + pick(5);
  if ("child" in moved) moved["child"] = 2 + pick(2);
  if (pick(3) > 0) {
    delete moved["errno"];
    if (pick(2) > 0) delete moved["ret"];
    else if ("ret" in moved) moved["ret"] = pick(3) > 0 ? 0 : 7 + pick(3);
  }
  const fields = moved["in"];
  if (typeof fields === "object" && fields !== null) {
    const values = { ...(fields as Record<string, unknown>) };
    for (const [name, value] of Object.entries(values)) {
      if (name === "size" || name === "argsz") values[name] = pick(4) > 0 ? 72 : pick(90);
      else if (typeof value === "number" && pick(4) > 0) values[name] = pick(7);
      else if (typeof value === "bigint" && pick(2) > 0) values[name] = BigInt(pick(9)) * 0x1000n;
    }
    moved["in"] = values;
  }
  return moved as Event;
}

const events = fc.array(
  fc.constantFrom(...EVENT_ARBITRARIES.values()).chain((arbitrary) => arbitrary),
  { minLength: 30, maxLength: 80, size: "max" },
);
const choices = fc.array(fc.nat(1_000_000), { minLength: 61, maxLength: 61 });

describe.each(Object.values(PROFILES))("under profile $id", (profile) => {
  test("any events", () => {
    fc.assert(
      fc.property(events, choices, (any, random) => {
        const machine = new Machine(profile);
        let seq = 10;
        for (const event of [...START, ...any]) {
          const at = seq++;
          const shifted = [...random.slice(at % random.length), ...random];
          const given = at < 10 + START.length ? event : near(event, shifted);
          const step = machine.apply({ ...given, seq: at } as Event);
          expect(compareOutcome(step.event, step.outcome)).toBeInstanceOf(Array);
        }
      }),
      { numRuns: 40 },
    );
  });
});
