import type { SingleBar } from "cli-progress";
import { printable } from "../replay/printable.js";
import type { CliIo, Output } from "./io.js";

/** What a bar counts in. */
interface Unit {
  readonly name: string;
  /** How many of what is measured make one. */
  readonly size: number;
  /** Less than that is done before a bar is of use. */
  readonly large: number;
}

const MEGABYTES: Unit = { name: "MB", size: 1024 * 1024, large: 8 * 1024 * 1024 };
const EVENTS: Unit = { name: "thousand events", size: 1000, large: 200_000 };
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What a progress bar is about. */
export interface Measured {
  /** What stands before the bar. */
  readonly path: string;
  readonly bytes_total: number | undefined;
  bytes_read(): number;
}

/** A trace in the making, whose length is known. */
export interface CountedEvents {
  /** What stands before the bar. */
  readonly path: string;
  readonly events_total: number;
  events_written(): number;
}

interface Work {
  readonly path: string;
  readonly total: number;
  readonly unit: Unit;
  done(): number;
}

/** A progress bar on stderr; silent unless stderr is a terminal and the trace is large. */
export class Progress {
  #bar: SingleBar | undefined;
  #work: Work | undefined;

  constructor(
    readonly io: CliIo,
    readonly wanted: boolean,
  ) {}

  async start(source: Measured): Promise<void> {
    const { path, bytes_total: total = 0 } = source;
    await this.#start({ path, total, unit: MEGABYTES, done: () => source.bytes_read() });
  }

  async startEvents(trace: CountedEvents): Promise<void> {
    const { path, events_total: total } = trace;
    await this.#start({ path, total, unit: EVENTS, done: () => trace.events_written() });
  }

  async #start(work: Work): Promise<void> {
    const { path, total, unit } = work;
    if (!this.wanted || !this.io.err.isTerminal || total < unit.large) return;
    const { SingleBar: Bar } = await import("cli-progress");
    this.#work = work;
    this.#bar = new Bar({
      format:
        `${printable(path)} {bar} {percentage} % of {total} ${unit.name},` +
        " {eta_formatted} left",
      barsize: 30,
      clearOnComplete: true,
      hideCursor: true,
      // Its own way to end on a signal would let the program run on.
      gracefulExit: false,
      stream: process.stderr,
    });
    for (const signal of SIGNALS) process.once(signal, this.#endBy);
    this.#bar.start(Math.ceil(total / unit.size), this.#units());
  }

  update(): void {
    this.#bar?.update(this.#units());
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    for (const signal of SIGNALS) process.removeListener(signal, this.#endBy);
  }

  /** The same streams for whoever writes while the bar is shown: it makes room for them. */
  besides(): CliIo {
    return { ...this.io, out: this.#besides(this.io.out), err: this.#besides(this.io.err) };
  }

  #besides(output: Output): Output {
    if (!output.isTerminal) return output;
    return {
      ...output,
      write: async (chunk) => {
        const bar = this.#bar;
        if (bar === undefined || chunk.length === 0) return await output.write(chunk);
        bar.stop();
        await output.write(chunk);
        bar.start(bar.getTotal(), this.#units());
      },
    };
  }

  /** The cursor comes back, and the signal does what it does without a bar. */
  readonly #endBy = (signal: NodeJS.Signals): void => {
    this.stop();
    process.kill(process.pid, signal);
  };

  #units(): number {
    return this.#work === undefined ? 0 : Math.floor(this.#work.done() / this.#work.unit.size);
  }
}
