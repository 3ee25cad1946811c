/** Finds out in which way two traces part, by looking a few events ahead. */

import type { Event } from "../../engine/event/index.js";
import type { EventWindow } from "./event-window.js";
import type { Parting } from "./parting.js";

/** So many events are looked ahead at, at most. */
export const LOOK_AHEAD = 64;
/** The same calls in another order are looked for among so many. */
const ORDER_MAX = 16;

type IsSame = (a: Event, b: Event) => boolean;

/**
 * The partners of a block of events that both traces have, in different orders: for each event of
 * A the index of B's. Undefined when the next events are no such block.
 */
export function reorderedBlock(
  a: EventWindow,
  b: EventWindow,
  isSame: IsSame,
): readonly number[] | undefined {
  const most = Math.min(ORDER_MAX, a.length, b.length);
  const partners: number[] = [];
  const taken = new Set<number>();
  let furthest = 0;
  for (let index = 0; index < most; index++) {
    const event = a.peek(index);
    let partner = 0;
    while (partner < most) {
      const other = b.peek(partner);
      if (event && other && !taken.has(partner) && isSame(event, other)) break;
      partner++;
    }
    if (partner >= most) return undefined;
    partners.push(partner);
    taken.add(partner);
    furthest = Math.max(furthest, partner);
    // All partners lie within as many events as were looked at: the block is closed.
    if (furthest === index) return partners;
  }
  return undefined;
}

/** How the traces go on after their next events, which are not the same. */
export function partingKind(a: EventWindow, b: EventWindow, isSame: IsSame): Parting["kind"] {
  if (a.length === 0) return "only_in_b";
  if (b.length === 0) return "only_in_a";
  for (let ahead = 1; ahead < LOOK_AHEAD; ahead++) {
    if (runsOn(a, ahead, b, 0, isSame)) return "only_in_a";
    if (runsOn(a, 0, b, ahead, isSame)) return "only_in_b";
    if (runsOn(a, ahead, b, ahead, isSame)) return "differs";
  }
  return "differs";
}

/** Two events in a row that are the same, or one before both end. */
const RUN = 2;

function runsOn(
  a: EventWindow,
  aheadA: number,
  b: EventWindow,
  aheadB: number,
  isSame: IsSame,
): boolean {
  if (a.length <= aheadA || b.length <= aheadB) return false;
  for (let step = 0; step < RUN; step++) {
    const [eventA, eventB] = [a.peek(aheadA + step), b.peek(aheadB + step)];
    if (eventA === undefined || eventB === undefined) return eventA === eventB;
    if (!isSame(eventA, eventB)) return false;
  }
  return true;
}
