/** Events as a stream: pulled in batches, given one by one without a wait for each. */

import { assert } from "../engine/assert.js";
import type { Event } from "../engine/event/index.js";
import { LimitError } from "./limit-error.js";
import type { LineBlock } from "./lines.js";

/** Turns blocks of lines into events; keeps what it needs between blocks. */
export interface BlockReader {
  /** Adds the block's events to `batch`; throws after adding those before a bad line. */
  read(block: LineBlock, batch: Event[]): void;
  /** Adds events that were held back. */
  end?(batch: Event[]): void;
}

/** Reads all blocks; a batch is never empty. What is before a bad line comes before the error. */
export async function* batchesOf(
  blocks: AsyncIterable<LineBlock>,
  reader: BlockReader,
  file: string,
  events_max = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Event[]> {
  let left = events_max;
  const attempt = (read: (batch: Event[]) => void): { batch: Event[]; failure: unknown } => {
    const batch: Event[] = [];
    let failure: unknown;
    try {
      read(batch);
    } catch (error) {
      failure = error;
    }
    if (batch.length > left) {
      batch.length = left;
      failure = new LimitError(
        "events",
        events_max,
        `the trace has more events than the limit of ${events_max}`,
        { file, hint: "what was read before counts" },
      );
    }
    left -= batch.length;
    return { batch, failure };
  };
  for await (const block of blocks) {
    const { batch, failure } = attempt((into) => reader.read(block, into));
    if (batch.length > 0) yield batch;
    if (failure !== undefined) throw failure;
  }
  const { batch, failure } = attempt((into) => reader.end?.(into));
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure;
}

/** The two ways to take the events of a trace; either can be used, once. */
export class EventStream {
  #taken = false;

  constructor(readonly source: AsyncGenerator<readonly Event[]>) {}

  batches(): AsyncIterableIterator<readonly Event[]> {
    this.#take();
    return this.source;
  }

  events(): AsyncIterableIterator<Event> {
    this.#take();
    return new EventIterator(this.source);
  }

  async close(): Promise<void> {
    this.#taken = true;
    await this.source.return(undefined);
  }

  #take(): void {
    assert(!this.#taken, "the events of a trace source can be taken once");
    this.#taken = true;
  }
}

/** Gives the events of a batch at once; only the next batch is waited for. */
class EventIterator implements AsyncIterableIterator<Event> {
  #batch: readonly Event[] = [];
  #at = 0;

  constructor(readonly source: AsyncGenerator<readonly Event[]>) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Event>> {
    const event = this.#batch[this.#at];
    if (event === undefined) return this.#nextBatch();
    this.#at++;
    return Promise.resolve({ value: event, done: false });
  }

  async return(): Promise<IteratorResult<Event>> {
    this.#batch = [];
    await this.source.return(undefined);
    return { value: undefined, done: true };
  }

  async #nextBatch(): Promise<IteratorResult<Event>> {
    const next = await this.source.next();
    if (next.done === true) return { value: undefined, done: true };
    this.#batch = next.value;
    this.#at = 0;
    return this.next();
  }
}
