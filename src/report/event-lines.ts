/** Fetches the decoded lines of a few events of a trace, by seq, in a second pass over it. */

import type { Event } from "../engine/event/index.js";
import { eventLine } from "./event-line.js";

export async function fetchEventLines(
  open: () => Promise<AsyncIterable<Event>>,
  seqs: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const lines = new Map<number, string>();
  if (seqs.size === 0) return lines;
  for await (const event of await open()) {
    if (seqs.has(event.seq)) lines.set(event.seq, eventLine(event));
    if (lines.size === seqs.size) break;
  }
  return lines;
}

/** Keeps the last events of a trace that can be read only once, such as a pipe. */
export class RecentEvents {
  readonly #ring: Event[] = [];
  #next = 0;

  constructor(readonly events_max: number) {}

  add(event: Event): void {
    this.#ring[this.#next] = event;
    this.#next = (this.#next + 1) % this.events_max;
  }

  lines(seqs: ReadonlySet<number>): Map<number, string> {
    const wanted = this.#ring.filter(({ seq }) => seqs.has(seq));
    return new Map(wanted.map((event) => [event.seq, eventLine(event)]));
  }
}
