import type { SingleBar } from "cli-progress";
import { printable } from "../replay/printable.js";
import type { CliIo, Output } from "./io.js";

/** Smaller traces are done before a bar is of use. */
const LARGE_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What a progress bar is about. */
export interface Measured {
  /** What stands before the bar. */
  readonly path: string;
  readonly bytes_total: number | undefined;
  bytes_read(): number;
}

/** A progress bar on stderr; silent unless stderr is a terminal and the trace is large. */
export class Progress {
  #bar: SingleBar | undefined;
  #source: Measured | undefined;

  constructor(
    readonly io: CliIo,
    readonly wanted: boolean,
  ) {}

  async start(source: Measured): Promise<void> {
    const total = source.bytes_total ?? 0;
    if (!this.wanted || !this.io.err.isTerminal || total < LARGE_BYTES) return;
    const { SingleBar: Bar } = await import("cli-progress");
    this.#source = source;
    this.#bar = new Bar({
      format: `${printable(source.path)} {bar} {percentage} % of {total} MB, {eta_formatted} left`,
      barsize: 30,
      clearOnComplete: true,
      hideCursor: true,
      // Its own way to end on a signal would let the program run on.
      gracefulExit: false,
      stream: process.stderr,
    });
    for (const signal of SIGNALS) process.once(signal, this.#endBy);
    this.#bar.start(Math.ceil(total / MEGABYTE), this.#megabytes());
  }

  update(): void {
    this.#bar?.update(this.#megabytes());
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
        bar.start(bar.getTotal(), this.#megabytes());
      },
    };
  }

  /** The cursor comes back, and the signal does what it does without a bar. */
  readonly #endBy = (signal: NodeJS.Signals): void => {
    this.stop();
    process.kill(process.pid, signal);
  };

  #megabytes(): number {
    return Math.floor((this.#source?.bytes_read() ?? 0) / MEGABYTE);
  }
}
