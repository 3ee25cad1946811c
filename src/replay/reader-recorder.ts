/** Reads captures of the recorder: every line through the importer, broken ones counted. */

import type { Event } from "../engine/event/index.js";
import { parseObject } from "./decode.js";
import { type LineBlock, linesOf, lineText } from "./lines.js";
import { RecorderImporter } from "./recorder/import.js";
import type { QemuLog } from "./recorder/qemu-log.js";
import { TraceError } from "./trace-error.js";

export const UNREADABLE_LINE = "unreadable line";

export class RecorderReader {
  readonly importer: RecorderImporter;

  /** @param log The emulator's log of the same run, where there is one. */
  constructor(
    readonly file: string,
    log?: QemuLog,
  ) {
    this.importer = new RecorderImporter(file, log);
  }

  /** Adds the events that a block completes to `batch`. */
  read(block: LineBlock, batch: Event[]): void {
    for (const line of linesOf(block)) {
      const object = this.#parse(lineText(block, line, this.file));
      if (object === undefined) this.importer.skip(UNREADABLE_LINE);
      else for (const event of this.importer.push(object, line.number)) batch.push(event);
    }
  }

  /** Adds the events that were held back for their order. */
  end(batch: Event[]): void {
    for (const event of this.importer.end()) batch.push(event);
  }

  /** A line that a raw newline broke in two is no object, or has no `ev`. */
  #parse(text: string): ReturnType<typeof parseObject> | undefined {
    try {
      const object = parseObject(text);
      return Object.hasOwn(object, "ev") ? object : undefined;
    } catch (error) {
      if (error instanceof TraceError) return undefined;
      throw error;
    }
  }
}
