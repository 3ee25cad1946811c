/**
 * Calls whose answer the trace does not hold. The analysis takes the model's own answer for them,
 * so nothing is predicted there; where that answer is a failure, what the call was meant to do did
 * not happen.
 */

import { EVENT_SCHEMAS, type Event, type EventType } from "../engine/event/index.js";
import type { Step } from "../engine/machine.js";
import { ROUTINE_EVENTS, ROUTINE_KINDS, type RoutineCall } from "../engine/routine/routine-call.js";
import { opOf } from "./compare.js";

/** Kinds of events that say what a call was answered. */
const ANSWERED: ReadonlySet<EventType> = new Set<EventType>([
  "ioctl",
  ...(Object.keys(EVENT_SCHEMAS) as (keyof typeof EVENT_SCHEMAS)[]).filter((type) => {
    const { shape } = EVENT_SCHEMAS[type];
    return "ret" in shape || "address" in shape;
  }),
]);

const ANSWERED_ROUTINES: readonly boolean[] = ROUTINE_KINDS.map((kind) =>
  ANSWERED.has(ROUTINE_EVENTS[kind].type),
);

interface Answer {
  readonly ret?: unknown;
  readonly address?: unknown;
  readonly never_returned?: true | undefined;
}

/** True for a call that the trace shows without its answer. */
export function isUnrecorded(event: Event): boolean {
  if (!ANSWERED.has(event.type)) return false;
  const { ret, address, never_returned } = event as Answer;
  return ret === undefined && address === undefined && never_returned !== true;
}

/** A call without an answer that the model refuses. */
export interface RefusedCall {
  readonly seq: number;
  readonly op: string;
  readonly errno: string;
  /** The check that decided, where the model says. */
  readonly why: string | undefined;
}

function notOpen(event: Event): string | undefined {
  if (!("fd" in event) || !("pid" in event)) return undefined;
  return `descriptor ${event.fd} of pid ${event.pid} is not open`;
}

/** Counts the calls of a trace whose answers are not in it. */
export class UnrecordedCalls {
  calls = 0;
  /** Those that the model refuses. */
  refused = 0;
  first_refused: RefusedCall | undefined;

  add({ event, outcome }: Step): void {
    if (outcome.judgement === "none" || !isUnrecorded(event)) return;
    this.calls++;
    const { errno, decided_by } = outcome;
    if (errno === undefined) return;
    this.refused++;
    const why = decided_by ?? (errno === "EBADF" ? notOpen(event) : undefined);
    this.first_refused ??= { seq: event.seq, op: opOf(event), errno, why };
  }

  /** The same for a routine call: the model accepted it. */
  addRoutine({ index, recorded }: RoutineCall): void {
    if (!recorded && ANSWERED_ROUTINES[index] === true) this.calls++;
  }

  /** Why the trace cannot be trusted to be what its author meant; undefined where it can. */
  doubt(): string | undefined {
    const { calls, refused, first_refused: first } = this;
    if (first === undefined || 2 * refused <= calls) return undefined;
    const { seq, op, errno, why } = first;
    const reason = why === undefined ? errno : `${errno}, ${why}`;
    return (
      `${refused} of ${calls} calls without a recorded result fail in the model, so what they` +
      ` were to do did not happen; the first is #${seq} ${op} (${reason})`
    );
  }
}
