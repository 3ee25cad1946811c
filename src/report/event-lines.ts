/** Fetches the decoded lines of a few events of a trace, by seq, in a second pass over it. */

import type { Event } from "../engine/event/index.js";
import type { EventSource } from "../replay/analysis.js";
import { LimitError } from "../replay/limit-error.js";
import { TraceError } from "../replay/trace-error.js";
import { eventLine } from "./event-line.js";

export async function fetchEventLines(
  open: () => Promise<EventSource>,
  seqs: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const lines = new Map<number, string>();
  if (seqs.size === 0) return lines;
  const source = await open();
  try {
    reading: for await (const batch of source.batches()) {
      for (const event of batch) {
        if (seqs.has(event.seq)) lines.set(event.seq, eventLine(event));
        if (lines.size === seqs.size) break reading;
      }
    }
  } catch (error) {
    // The first pass came to the same place and has reported it.
    if (!(error instanceof LimitError || error instanceof TraceError)) throw error;
  } finally {
    await source.close();
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
