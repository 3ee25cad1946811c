/**
 * Brings the recorder's lines into the order in which their calls completed.
 *
 * Lines of concurrent processes may be a few places out of order, so they wait in a window that is
 * sorted by `seq`. Some programs were started twice in one kernel, or their children counted on by
 * themselves: then a number comes twice, and the clock, which all processes of a kernel share,
 * decides instead.
 */

import { optionalNumber, type RawLine } from "./raw-line.js";
import { sendsBeforeReceives } from "./send-order.js";

/** A line that waits for its turn. */
export interface Pending {
  readonly line: RawLine;
  /** Line number in the file. */
  readonly number: number;
  /** Number in the native trace. */
  readonly seq: number;
}

interface Waiting extends Pending {
  /** When the call completed, in nanoseconds. */
  readonly time: number;
}

const WINDOW_LINES = 2048;

export class OrderWindow {
  #waiting: Waiting[] = [];
  #by_clock = false;
  /** Added to a line's seq: what earlier kernels used up. */
  #base = 0;
  /** The first seq that no line has had yet. */
  next_seq = 0;

  get isFull(): boolean {
    return this.#waiting.length >= WINDOW_LINES;
  }

  push(line: RawLine, number: number, seq: number): void {
    const time = optionalNumber(line, "ts_end") ?? optionalNumber(line, "ts") ?? 0;
    this.#waiting.push({ line, number, seq: seq + this.#base, time });
  }

  /** Takes out the lines whose turn it is: all of a kernel that ended, else the earlier half. */
  take(all: boolean): Pending[] {
    this.#sort();
    const keep = all ? 0 : WINDOW_LINES / 2;
    const ready = this.#waiting.splice(0, Math.max(0, this.#waiting.length - keep));
    if (!this.#by_clock) {
      const last = ready.at(-1);
      if (last !== undefined) this.next_seq = last.seq + 1;
      return ready;
    }
    return ready.map((pending) => ({ ...pending, seq: this.next_seq++ }));
  }

  /** The lines that still wait, in no order. */
  get waiting(): readonly Pending[] {
    return this.#waiting;
  }

  /** A line without a number, between kernels: what follows counts on from it. */
  between(line: RawLine, number: number): Pending {
    const pending = { line, number, seq: this.next_seq++ };
    this.#base = this.next_seq;
    this.#by_clock = false;
    return pending;
  }

  #sort(): void {
    if (!this.#by_clock) {
      this.#waiting.sort((a, b) => a.seq - b.seq);
      this.#by_clock = this.#hasNumberTwice();
    }
    if (this.#by_clock) this.#waiting.sort((a, b) => a.time - b.time || a.number - b.number);
    this.#waiting = sendsBeforeReceives(this.#waiting);
  }

  #hasNumberTwice(): boolean {
    let last = this.next_seq - 1;
    for (const { seq } of this.#waiting) {
      if (seq <= last) return true;
      last = seq;
    }
    return false;
  }
}
