import type { Event } from "../../../src/engine/event/index.js";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../../src/engine/profile/index.js";
import { type AtPoint, StopRule } from "../../../src/replay/at-point.js";
import { diffStates } from "../../../src/replay/diff/diff-states.js";
import { runLockstep } from "../../../src/replay/diff/lockstep.js";
import { describeMachine } from "../../../src/replay/state/describe-state.js";

export const PROFILE: ProfileId = "p2";
/** Small, so that events of one look ahead come in several batches. */
const BATCH = 7;

async function* batches(events: readonly Event[]): AsyncGenerator<readonly Event[]> {
  for (let at = 0; at < events.length; at += BATCH) yield events.slice(at, at + BATCH);
}

/** What `lutrace diff` finds between two traces, up to a point. */
export async function compareEvents(a: readonly Event[], b: readonly Event[], at?: AtPoint) {
  const side = (events: readonly Event[]) => ({
    machine: new Machine(PROFILES[PROFILE]),
    batches: batches(events),
    stop: new StopRule(at),
  });
  const sides = [side(a), side(b)] as const;
  const { parting, ...ends } = await runLockstep(...sides);
  const [stateA, stateB] = [describeMachine(sides[0].machine), describeMachine(sides[1].machine)];
  return { parting, ends, differences: diffStates(stateA, stateB).map(({ message }) => message) };
}
