/**
 * Imports the raw recorder format: one JSON object a line, several processes, several kernels.
 *
 * Lines may be a few places out of order, so they pass through a bounded window. `seq` starts again
 * at 0 in each kernel; in the native trace it goes on counting: a trace of one kernel keeps the
 * recorder's numbers.
 */

import type { Event } from "../../engine/event/index.js";
import { checkEvent } from "../check-event.js";
import { TraceError } from "../trace-error.js";
import { CALL_LINES, type Converter } from "./call-lines.js";
import { DmaLines } from "./dma-lines.js";
import { DriverLines } from "./driver-lines.js";
import { ioctlParts } from "./ioctl-line.js";
import { MACHINE_LINES } from "./machine-lines.js";
import { OrderWindow, type Pending } from "./order-window.js";
import type { QemuLog } from "./qemu-log.js";
import { QemuOutcomes } from "./qemu-outcome.js";
import { optionalNumber, optionalString, type RawLine, rawString } from "./raw-line.js";
import { rebootParts } from "./reboot-line.js";

/** What an import left out, by kind, with the number of lines. */
export type SkippedLines = Map<string, number>;

export class RecorderImporter {
  readonly skipped: SkippedLines = new Map();
  readonly #window = new OrderWindow();
  readonly #dma: DmaLines;
  readonly #drivers = new DriverLines();

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
      yield* this.#flush(true);
      yield* this.#convert(this.#window.between(line, number));
      return;
    }
    this.#window.push(line, number, seq);
    if (this.#window.isFull) yield* this.#flush(false);
  }

  *end(): Generator<Event> {
    yield* this.#flush(true);
  }

  /** Counts a line that could not be read at all. */
  skip(kind: string): void {
    this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + 1);
  }

  *#flush(all: boolean): Generator<Event> {
    const ready = this.#window.take(all);
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
    for (const pending of this.#window.waiting) yield pending.line;
  }

  *#convert(pending: Pending, behind: () => Iterable<RawLine> = () => []): Generator<Event> {
    try {
      const parts = this.#parts(pending.line, behind);
      if (parts !== undefined) {
        const event = { seq: pending.seq, ...commonKeys(pending.line), ...parts } as Event;
        checkEvent(event);
        yield event;
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
    this.#drivers.observe(line);
    const parts = this.#drivers.convert(line) ?? converterOf(kind)?.(line);
    if (parts === undefined) this.skip(kind);
    return parts;
  }
}

/** Names such as `constructor` are no kinds of lines. */
function converterOf(kind: string): Converter | undefined {
  if (Object.hasOwn(CALL_LINES, kind)) return CALL_LINES[kind];
  return Object.hasOwn(MACHINE_LINES, kind) ? MACHINE_LINES[kind] : undefined;
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
