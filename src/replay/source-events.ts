/** Events as a stream: pulled in batches, given one by one without a wait for each. */

import { assert } from "../engine/assert.js";
import type { Event } from "../engine/event/index.js";
import type { RoutineCall } from "../engine/routine/routine-call.js";
import { LimitError } from "./limit-error.js";
import type { LineBlock } from "./lines.js";

/** Turns blocks of lines into events; keeps what it needs between blocks. */
export interface BlockReader {
  /** Adds the block's events to `batch`; throws after adding those before a bad line. */
  read(block: LineBlock, batch: Event[]): void;
  /** The same one by one; false when the sink wants no more. */
  drive?(block: LineBlock, sink: EventSink): boolean;
  /** Adds events that were held back. */
  end?(batch: Event[]): void;
}

/** Takes the events of a trace one by one, as they are read. */
export interface EventSink {
  /** The next event; false when no more are wanted. */
  event(event: Event): boolean;
  /** The next routine call; false when it is to come as an event instead. Absent: all are to. */
  routine?(call: RoutineCall): boolean;
}

export interface DriveOptions {
  readonly events_max?: number | undefined;
  /** Called after every block. */
  readonly on_block?: (() => void) | undefined;
}

/**
 * Gives all events to a sink as they are read, without keeping any.
 *
 * @throws TraceError for what cannot be read, LimitError for an event too many; the sink has got
 * all events before it.
 */
export async function driveBlocks(
  blocks: AsyncIterable<LineBlock>,
  reader: BlockReader,
  file: string,
  sink: EventSink,
  { events_max = Number.POSITIVE_INFINITY, on_block }: DriveOptions,
): Promise<void> {
  const limited = events_max < Number.POSITIVE_INFINITY ? limit(sink, events_max, file) : sink;
  for await (const block of blocks) {
    if (!driveBlock(block, reader, limited)) return;
    on_block?.();
  }
  giveAll(
    taken((into) => reader.end?.(into)),
    limited,
  );
}

function driveBlock(block: LineBlock, reader: BlockReader, sink: EventSink): boolean {
  if (reader.drive !== undefined) return reader.drive(block, sink);
  return giveAll(
    taken((into) => reader.read(block, into)),
    sink,
  );
}

/** Events, and what broke the reading off behind them. */
interface Taken {
  readonly batch: Event[];
  readonly failure: unknown;
}

function taken(read: (batch: Event[]) => void): Taken {
  const batch: Event[] = [];
  try {
    read(batch);
    return { batch, failure: undefined };
  } catch (failure) {
    return { batch, failure };
  }
}

/** False when the sink wants no more; throws what is behind the events when it has got them all. */
function giveAll({ batch, failure }: Taken, sink: EventSink): boolean {
  for (const event of batch) if (!sink.event(event)) return false;
  if (failure !== undefined) throw failure;
  return true;
}

function limit(sink: EventSink, events_max: number, file: string): EventSink {
  let left = events_max;
  return {
    event(event) {
      if (left === 0) throw tooMany(events_max, file);
      left--;
      return sink.event(event);
    },
    routine(call) {
      if (left === 0 || sink.routine?.(call) !== true) return false;
      left--;
      return true;
    },
  };
}

function tooMany(events_max: number, file: string): LimitError {
  return new LimitError(
    "events",
    events_max,
    `the trace has more events than the limit of ${events_max}`,
    { file, hint: "what was read before counts" },
  );
}

/** Reads all blocks; a batch is never empty. What is before a bad line comes before the error. */
export async function* batchesOf(
  blocks: AsyncIterable<LineBlock>,
  reader: BlockReader,
  file: string,
  events_max = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Event[]> {
  let left = events_max;
  const attempt = (read: (batch: Event[]) => void): Taken => {
    const { batch, failure } = taken(read);
    const over = batch.length > left;
    if (over) batch.length = left;
    left -= batch.length;
    return { batch, failure: over ? tooMany(events_max, file) : failure };
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
    this.take();
    return this.source;
  }

  events(): AsyncIterableIterator<Event> {
    this.take();
    return new EventIterator(this.source);
  }

  async close(): Promise<void> {
    this.#taken = true;
    await this.source.return(undefined);
  }

  /** Takes the events for whoever reads the blocks himself. */
  take(): void {
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
