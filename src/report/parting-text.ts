/** Where two traces part, for people and for programs. */

import type { Event } from "../engine/event/index.js";
import type { Parting } from "../replay/diff/parting.js";
import { eventLine } from "./event-line.js";
import type { Style } from "./style.js";

/** One event of a trace, as text. */
export interface PlacedEvent {
  readonly seq: number;
  readonly text: string;
}

export interface PartingReport {
  readonly kind: Parting["kind"];
  /** The next event of each trace there; null where it is over. */
  readonly a: PlacedEvent | null;
  readonly b: PlacedEvent | null;
}

export function partingReport({ kind, a, b }: Parting): PartingReport {
  return { kind, a: placed(a), b: placed(b) };
}

function placed(event: Event | undefined): PlacedEvent | null {
  return event === undefined ? null : { seq: event.seq, text: eventLine(event) };
}

const TITLES: Readonly<Record<Parting["kind"], string>> = {
  differs: "The traces part here, with two different events:",
  result: "The traces part here: the same call has different results:",
  only_in_a: "The traces part here: B does not have this event of A:",
  only_in_b: "The traces part here: A does not have this event of B:",
  order: "The traces part here: the same calls come in another order, with other results:",
};

export function partingLines({ kind, a, b }: PartingReport, style: Style): string[] {
  const lineA = `  ${style.bold("A")} ${eventText(a)}`;
  const lineB = `  ${style.bold("B")} ${eventText(b)}`;
  // What only one trace has comes first; what the other goes on with tells the place.
  if (kind === "only_in_b") return [TITLES[kind], lineB, goesOn("A", a)];
  if (kind === "only_in_a") return [TITLES[kind], lineA, goesOn("B", b)];
  return [TITLES[kind], lineA, lineB];
}

function eventText(event: PlacedEvent | null): string {
  return event === null ? "is over" : `#${event.seq} ${event.text}`;
}

function goesOn(side: string, event: PlacedEvent | null): string {
  if (event === null) return `  ${side} is over`;
  return `  ${side} goes on with #${event.seq} ${event.text}`;
}
