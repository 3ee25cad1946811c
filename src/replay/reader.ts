/** Reads native traces: one event a line after the header, `seq` strictly increasing. */

import type { Event } from "../engine/event/index.js";
import { decodeEvent, parseObject, type Skip } from "./decode.js";
import { type Line, type LineBlock, linesOf, lineText } from "./lines.js";
import { TraceError } from "./trace-error.js";

export class NativeReader {
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
    for (const line of linesOf(block)) {
      const event = this.#event(block, line);
      if (event !== undefined) batch.push(event);
    }
  }

  #event(block: LineBlock, line: Line): Event | undefined {
    const place = { file: this.file, line: line.number };
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
      throw error instanceof TraceError ? error.at(place) : error;
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
