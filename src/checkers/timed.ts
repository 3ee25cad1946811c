/** Listeners of a rule that say how long they took. */

import { type Listeners, NOTHING_TO_SAY, UntilStep } from "./rule.js";

type AnyListener = (...args: never[]) => unknown;
type Spend = (spent_ns: bigint) => void;

/** The same listeners, each of which reports the time it takes. */
export function timedListeners(
  listeners: Listeners,
  now_ns: () => bigint,
  spend: Spend,
): Listeners {
  const timed = (listener: AnyListener | UntilStep): AnyListener | UntilStep => {
    if (listener instanceof UntilStep) return listener;
    if (listener === NOTHING_TO_SAY) return listener;
    return (...args) => {
      const start = now_ns();
      const answer = listener(...args);
      spend(now_ns() - start);
      return answer;
    };
  };
  const all = (table: object): object =>
    Object.fromEntries(Object.entries(table).map(([key, listener]) => [key, timed(listener)]));
  return Object.fromEntries(
    Object.entries(listeners).map(([key, value]) => [
      key,
      typeof value === "function" ? timed(value as AnyListener) : all(value as object),
    ]),
  ) as Listeners;
}
