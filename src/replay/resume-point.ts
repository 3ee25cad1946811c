/** Places in a native trace from which it can be read on, without what is before them. */

import type { LineBlock } from "./lines.js";

/** A place between two lines. */
export interface ResumePoint {
  /** Bytes of the trace before it, decompressed. */
  readonly offset_bytes: number;
  /** Number of the line that starts here, from 1. */
  readonly line: number;
  /** Seq of the last event before it. */
  readonly after_seq: number;
  /** What lenient reading left out before it, by kind. */
  readonly skipped: readonly (readonly [kind: string, count: number])[];
}

/** Follows where in a trace the blocks lie that pass. */
export class BlockPlace {
  private last: LineBlock | undefined;

  /** @param offset_bytes Where the first block starts. */
  constructor(private offset_bytes: number) {}

  async *follow(blocks: AsyncIterable<LineBlock>): AsyncGenerator<LineBlock, undefined> {
    for await (const block of blocks) {
      this.offset_bytes += (block.before_bytes ?? 0) + block.bytes.length;
      this.last = block;
      yield block;
    }
  }

  /** The end of the block that passed last; undefined until its lines are counted. */
  end(): Pick<ResumePoint, "offset_bytes" | "line"> | undefined {
    if (this.last?.lines === undefined || !this.last.complete) return undefined;
    return { offset_bytes: this.offset_bytes, line: this.last.first_line + this.last.lines };
  }
}
