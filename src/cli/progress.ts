import type { SingleBar } from "cli-progress";
import { printable } from "../replay/printable.js";
import type { TraceSource } from "../replay/source.js";
import type { CliIo } from "./io.js";

/** Smaller traces are done before a bar is of use. */
const LARGE_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/** A progress bar on stderr; silent unless stderr is a terminal and the trace is large. */
export class Progress {
  #bar: SingleBar | undefined;
  #source: TraceSource | undefined;

  constructor(
    readonly io: CliIo,
    readonly wanted: boolean,
  ) {}

  async start(source: TraceSource): Promise<void> {
    const total = source.bytes_total ?? 0;
    if (!this.wanted || !this.io.err.isTerminal || total < LARGE_BYTES) return;
    const { SingleBar: Bar } = await import("cli-progress");
    this.#source = source;
    this.#bar = new Bar({
      format: `${printable(source.path)} {bar} {percentage} % of {total} MB, {eta_formatted} left`,
      barsize: 30,
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    });
    this.#bar.start(Math.ceil(total / MEGABYTE), 0);
  }

  update(): void {
    const bytes = this.#source?.bytes_read() ?? 0;
    this.#bar?.update(Math.floor(bytes / MEGABYTE));
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
