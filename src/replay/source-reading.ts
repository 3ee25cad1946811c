/** The events of an opened trace, from its start or from a later line on. */

import type { Event } from "../engine/event/index.js";
import type { LineBlock } from "./lines.js";
import { NativeReader } from "./reader.js";
import type { BlockPlace, ResumePoint } from "./resume-point.js";
import {
  type BlockReader,
  batchesOf,
  driveBlocks,
  type EventSink,
  EventStream,
} from "./source-events.js";

export interface ReadingOptions {
  /** How messages name the input. */
  readonly file: string;
  readonly events_max: number | undefined;
  /** Follows the blocks; it stands where the first one starts. */
  readonly place: BlockPlace;
}

export class Reading {
  private readonly followed: AsyncGenerator<LineBlock>;
  private readonly stream: EventStream;

  constructor(
    /** The stream of the file, which is let go of at the end. */
    private readonly input: AsyncGenerator<LineBlock>,
    blocks: AsyncIterable<LineBlock>,
    private readonly reader: BlockReader,
    private readonly options: ReadingOptions,
  ) {
    const { place, file, events_max } = options;
    this.followed = place.follow(blocks);
    this.stream = new EventStream(batchesOf(this.followed, reader, file, events_max));
  }

  events(): AsyncIterableIterator<Event> {
    return this.stream.events();
  }

  batches(): AsyncIterableIterator<readonly Event[]> {
    return this.stream.batches();
  }

  drive(sink: EventSink, on_block?: () => void): Promise<void> {
    this.stream.take();
    const { file, events_max } = this.options;
    return driveBlocks(this.followed, this.reader, file, sink, { events_max, on_block });
  }

  async close(): Promise<void> {
    await this.stream.close();
    await this.input.return(undefined);
  }

  /** The end of the block that was driven last, where reading can go on from it. */
  end(): Omit<ResumePoint, "skipped"> | undefined {
    const end = this.options.place.end();
    if (end === undefined || !(this.reader instanceof NativeReader)) return undefined;
    return { ...end, after_seq: this.reader.seq };
  }
}
