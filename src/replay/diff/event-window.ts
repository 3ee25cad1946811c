import type { Event } from "../../engine/event/index.js";
import type { StopRule } from "../at-point.js";
import { LimitError } from "../limit-error.js";

/** The next few events of a trace, up to the point where the comparison stops. */
export class EventWindow {
  /** The limit that ended the trace, if one did. */
  limit: LimitError | undefined;
  private readonly buffer: Event[] = [];
  private at = 0;
  private done = false;
  private batches: AsyncIterator<readonly Event[]> | undefined;

  constructor(
    batches: AsyncIterable<readonly Event[]>,
    private readonly stop: StopRule,
  ) {
    this.batches = batches[Symbol.asyncIterator]();
  }

  /** Reads until `count` events lie ahead, or all that there are. Holds no more than that, and
   *  the batch they came in. */
  async fill(count: number): Promise<void> {
    while (!this.done && this.buffer.length - this.at < count) await this.read();
  }

  /** Whether `count` events lie ahead without reading, or no more will come. */
  isFilled(count: number): boolean {
    return this.done || this.buffer.length - this.at >= count;
  }

  /** The event `ahead` of the next one; undefined behind the end, and where nothing was read. */
  peek(ahead = 0): Event | undefined {
    return this.buffer[this.at + ahead];
  }

  /** How many events can be peeked at. */
  get length(): number {
    return this.buffer.length - this.at;
  }

  take(): Event | undefined {
    const event = this.buffer[this.at];
    if (event === undefined) return undefined;
    this.at++;
    if (this.at === this.buffer.length) {
      this.buffer.length = 0;
      this.at = 0;
    }
    return event;
  }

  private async read(): Promise<void> {
    this.buffer.splice(0, this.at);
    this.at = 0;
    let batch: readonly Event[] | undefined;
    try {
      const next = await this.batches?.next();
      batch = next?.done === true ? undefined : next?.value;
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      this.limit = error;
    }
    if (batch === undefined) {
      this.done = true;
      if (this.limit === undefined) this.stop.end();
      return;
    }
    for (const event of batch) {
      if (!this.stop.allows(event)) {
        this.done = true;
        await this.batches?.return?.();
        this.batches = undefined;
        return;
      }
      this.buffer.push(event);
    }
  }
}
