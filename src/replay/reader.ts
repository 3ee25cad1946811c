/** Reads native traces: one event a line after the header, `seq` strictly increasing. */

import type { Event } from "../engine/event/index.js";
import { decodeEvent, parseObject, type Skip } from "./decode.js";
import { fastEvent } from "./decode-fast.js";
import type { Cursor } from "./decode-fast-scalars.js";
import { type Line, type LineBlock, lineAt, lineEndAt, lineText } from "./lines.js";
import { TraceError } from "./trace-error.js";

export class NativeReader {
  readonly #cursor: Cursor = { bytes: Buffer.alloc(0), at: 0 };
  #seq = -1;

  /** @param skip Where given, reading is lenient: what is unknown is left out and counted. */
  constructor(
    readonly file: string,
    readonly skip?: Skip,
  ) {}

  /**
   * Adds the events of a block to `batch`; the block that holds the header must start behind it.
   *
   * @throws TraceError for a line that is wrong; the events before it are in `batch` then.
   */
  read(block: LineBlock, batch: Event[]): void {
    const { length } = block.bytes;
    let number = block.first_line;
    for (let at = 0; at < length; number++) {
      const event = this.#fast(block, at);
      if (event !== undefined) {
        batch.push(event);
        at = this.#cursor.at;
        continue;
      }
      const line = lineAt(block, at, number);
      const slow = this.#slow(block, line);
      if (slow !== undefined) batch.push(slow);
      at = line.next;
    }
    block.lines = number - block.first_line;
  }

  /** The event of a line in plain form, in its order; the cursor stands at the next line then. */
  #fast(block: LineBlock, at: number): Event | undefined {
    const cursor = this.#cursor;
    cursor.bytes = block.bytes;
    cursor.at = at;
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
