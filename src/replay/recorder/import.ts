/**
 * Imports the raw recorder format: one JSON object a line, several processes, several kernels.
 *
 * Lines of concurrent processes may be a few places out of order, so they pass through a bounded
 * window that sorts them by `seq`; `seq` starts again at 0 in each kernel. In the native trace it
 * goes on counting: a trace of one kernel keeps the recorder's numbers.
 */

import type { Event } from "../../engine/event/index.js";
import { TraceError } from "../trace-error.js";
import { CALL_LINES } from "./call-lines.js";
import { DmaLines } from "./dma-lines.js";
import { ioctlParts } from "./ioctl-line.js";
import { MACHINE_LINES } from "./machine-lines.js";
import type { QemuLog } from "./qemu-log.js";
import { QemuOutcomes } from "./qemu-outcome.js";
import { optionalNumber, optionalString, type RawLine, rawString } from "./raw-line.js";
import { rebootParts } from "./reboot-line.js";

/** What an import left out, by kind, with the number of lines. */
export type SkippedLines = Map<string, number>;

const WINDOW_LINES = 2048;

interface Pending {
  readonly line: RawLine;
  readonly number: number;
  readonly seq: number;
}

export class RecorderImporter {
  readonly skipped: SkippedLines = new Map();
  #window: Pending[] = [];
  /** Added to a line's seq: what earlier kernels used up. */
  #base = 0;
  #next = 0;

  readonly #dma: DmaLines;

  /** @param qemuLog The emulator's log of the same run, where there is one. */
  constructor(
    readonly file: string,
    qemuLog?: QemuLog,
  ) {
    this.#dma = new DmaLines(qemuLog === undefined ? undefined : new QemuOutcomes(qemuLog));
  }

  /** Takes one line and gives the events that are now in order. */
  *push(line: RawLine, number: number): Generator<Event> {
    const seq = optionalNumber(line, "seq");
    if (seq === undefined) {
      // Boot and marker lines lie between the kernels: everything before them is complete.
      yield* this.#flush(0);
      yield* this.#convert({ line, number, seq: this.#next });
      this.#base = this.#next;
      return;
    }
    this.#window.push({ line, number, seq: seq + this.#base });
    if (this.#window.length >= WINDOW_LINES) yield* this.#flush(WINDOW_LINES / 2);
  }

  *end(): Generator<Event> {
    yield* this.#flush(0);
  }

  /** Counts a line that could not be read at all. */
  skip(kind: string): void {
    this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + 1);
  }

  *#flush(keep: number): Generator<Event> {
    if (this.#window.length <= keep) return;
    this.#window.sort((a, b) => a.seq - b.seq);
    const ready = this.#window.splice(0, this.#window.length - keep);
    for (const [index, pending] of ready.entries()) {
      yield* this.#convert(pending, () => this.#linesBehind(ready, index));
    }
  }

  /** Lines of the same kernel behind one that is being converted. */
  *#linesBehind(ready: readonly Pending[], index: number): Generator<RawLine> {
    for (let at = index + 1; at < ready.length; at++) {
      const pending = ready[at];
      if (pending !== undefined) yield pending.line;
    }
    for (const pending of this.#window) yield pending.line;
  }

  *#convert(pending: Pending, behind: () => Iterable<RawLine> = () => []): Generator<Event> {
    try {
      const parts = this.#parts(pending.line, behind);
      this.#next = Math.max(this.#next, pending.seq + 1);
      if (parts !== undefined) {
        yield { seq: pending.seq, ...commonKeys(pending.line), ...parts } as Event;
      }
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      throw error.at({ file: this.file, line: pending.number });
    }
  }

  #parts(line: RawLine, behind: () => Iterable<RawLine>) {
    const kind = rawString(line, "ev");
    if (kind === "ioctl") return ioctlParts(line);
    if (kind === "reboot") return rebootParts(line, behind());
    this.#dma.observe(line);
    const dma = this.#dma.convert(line, behind);
    if (dma !== undefined) return dma;
    const convert = CALL_LINES[kind] ?? MACHINE_LINES[kind];
    const parts = convert?.(line);
    if (parts === undefined) this.skip(kind);
    return parts;
  }
}

function commonKeys(line: RawLine) {
  const ts = optionalNumber(line, "ts");
  const tsEnd = optionalNumber(line, "ts_end");
  const pid = optionalNumber(line, "pid");
  const tid = optionalNumber(line, "tid");
  const label = optionalString(line, "test");
  return {
    ...(ts === undefined ? {} : { ts }),
    ...(tsEnd === undefined || tsEnd === ts ? {} : { ts_end: tsEnd }),
    ...(pid === undefined ? {} : { pid }),
    ...(tid === undefined || tid === pid ? {} : { tid }),
    ...(label === undefined ? {} : { label }),
  };
}
