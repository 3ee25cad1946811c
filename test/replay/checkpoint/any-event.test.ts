/** Machines that nonsense has led to can be stored like any other. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "../../../src/engine/event/index.js";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { stateHash } from "../../../src/replay/state/state-hash.js";
import { EVENT_ARBITRARIES, START } from "../arbitrary-event.js";
import { graphDifference } from "./graph-difference.js";
import { STATICS, stored } from "./stored-machine.js";

const anyEvent = fc.constantFrom(...EVENT_ARBITRARIES.values()).chain((arbitrary) => arbitrary);
/** With the pid and, mostly, a descriptor that exist; as a call that succeeds, now and then. */
const nearEvent = fc.record({
  event: anyEvent,
  fd: fc.integer({ min: 3, max: 8 }),
  ok: fc.boolean(),
});

function place({ event, fd, ok }: { event: Event; fd: number; ok: boolean }, seq: number): Event {
  const moved = { ...event, seq } as unknown as Record<string, unknown>;
  if ("pid" in moved) moved["pid"] = 1;
  if ("fd" in moved) moved["fd"] = fd;
  if (ok) {
    delete moved["errno"];
    delete moved["ret"];
  }
  return moved as unknown as Event;
}

test("any events before and after", { timeout: 120_000 }, async () => {
  const events = fc.array(nearEvent, { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(events, events, async (before, after) => {
      const machine = new Machine(PROFILES.p2);
      for (const event of START) machine.apply(event);
      for (const [index, event] of before.entries()) machine.apply(place(event, 7 + index));
      const other = await stored(machine);
      expect(stateHash(other)).toBe(stateHash(machine));
      after.forEach((event, index) => {
        const applied = place(event, 100 + index);
        const expected = machine.apply(applied).outcome;
        const { judgement, errno, ret, out } = other.apply(applied).outcome;
        expect({ judgement, errno, ret, out }).toEqual({
          judgement: expected.judgement,
          errno: expected.errno,
          ret: expected.ret,
          out: expected.out,
        });
      });
      expect(stateHash(other)).toBe(stateHash(machine));
      expect(graphDifference(other, machine, STATICS)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
