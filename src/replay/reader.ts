/** Reads native traces: one event a line after the header, `seq` strictly increasing. */

import type { Event } from "../engine/event/index.js";
import { RoutineCall } from "../engine/routine/routine-call.js";
import { decodeEvent, parseObject, type Skip } from "./decode.js";
import { fastEvent } from "./decode-fast.js";
import { type Cursor, show } from "./decode-fast-scalars.js";
import { decodeRoutine } from "./decode-routine.js";
import { type Line, type LineBlock, lineAt, lineEndAt, lineText } from "./lines.js";
import type { EventSink } from "./source-events.js";
import { TraceError } from "./trace-error.js";

export class NativeReader {
  readonly #cursor: Cursor = { bytes: Buffer.alloc(0), at: 0 };
  readonly #call = new RoutineCall();
  #seq: number;

  /**
   * @param skip Where given, reading is lenient: what is unknown is left out and counted.
   * @param after_seq Seq of the event before the first one that is read.
   */
  constructor(
    readonly file: string,
    readonly skip?: Skip,
    after_seq = -1,
  ) {
    this.#seq = after_seq;
  }

  /** Seq of the event that was read last. */
  get seq(): number {
    return this.#seq;
  }

  /**
   * Adds the events of a block to `batch`; the block that holds the header must start behind it.
   *
   * @throws TraceError for a line that is wrong; the events before it are in `batch` then.
   */
  read(block: LineBlock, batch: Event[]): void {
    this.drive(block, {
      event(event) {
        batch.push(event);
        return true;
      },
    });
  }

  /**
   * Gives the events of a block to a sink, one after the other; false when the sink wants no more.
   *
   * @throws TraceError for a line that is wrong, after the events before it.
   */
  drive(block: LineBlock, sink: EventSink): boolean {
    const { length } = block.bytes;
    const routine = decodeRoutine !== undefined && sink.routine !== undefined;
    let number = block.first_line;
    for (let at = 0; at < length; number++) {
      if (routine && this.#routine(block, at, sink)) {
        at = this.#cursor.at;
        continue;
      }
      let event = this.#fast(block, at);
      if (event !== undefined) at = this.#cursor.at;
      else {
        const line = lineAt(block, at, number);
        event = this.#slow(block, line);
        at = line.next;
      }
      if (event !== undefined && !sink.event(event)) return false;
    }
    block.lines = number - block.first_line;
    return true;
  }

  /** True when the line was a routine call and the sink took it; see #fast for the cursor. */
  #routine(block: LineBlock, at: number, sink: EventSink): boolean {
    const cursor = this.#cursor;
    cursor.at = at;
    show(cursor, block.bytes);
    const call = this.#call;
    if (decodeRoutine?.(cursor, call) !== true || call.seq <= this.#seq) return false;
    const next = lineEndAt(block, cursor.at);
    if (next === undefined || sink.routine?.(call) !== true) return false;
    cursor.at = next;
    this.#seq = call.seq;
    return true;
  }

  /** The event of a line in plain form, in its order; the cursor stands at the next line then. */
  #fast(block: LineBlock, at: number): Event | undefined {
    const cursor = this.#cursor;
    cursor.at = at;
    show(cursor, block.bytes);
    const event = fastEvent(cursor);
    if (event === undefined || event.seq <= this.#seq) return undefined;
    const next = lineEndAt(block, cursor.at);
    if (next === undefined) return undefined;
    cursor.at = next;
    this.#seq = event.seq;
    return event;
  }

  /** Any line: what is wrong with it gets its place here. */
  #slow(block: LineBlock, line: Line): Event | undefined {
    try {
      const event = this.#decode(block, line);
      if (event === undefined) return undefined;
      if (event.seq <= this.#seq) {
        throw new TraceError(`expected more than ${this.#seq}, got ${event.seq}`, {
          field: "seq",
          hint: "events are in the order of their seq, each only once",
        });
      }
      this.#seq = event.seq;
      return event;
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      throw error.at({ file: this.file, line: line.number });
    }
  }

  #decode(block: LineBlock, line: Line): Event | undefined {
    const text = lineText(block, line, this.file);
    if (block.complete) return decodeEvent(parseObject(text), this.skip);
    // Without its newline the last line may be cut; a whole object is taken as it is.
    let object: ReturnType<typeof parseObject>;
    try {
      object = parseObject(text);
    } catch {
      if (this.skip === undefined) {
        throw new TraceError("the last line is cut", {
          hint: "the recording ended inside it; --lenient reads what is before it",
        });
      }
      this.skip("cut last line");
      return undefined;
    }
    return decodeEvent(object, this.skip);
  }
}
