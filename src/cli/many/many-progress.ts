import type { CliIo } from "../io.js";
import { Progress } from "../progress.js";
import type { Input } from "./inputs.js";

/** One bar over all traces, by the bytes of their files. */
export class ManyProgress {
  readonly #progress: Progress;
  readonly #partly = new Map<Input, number>();
  #done_bytes = 0;

  constructor(io: CliIo, wanted: boolean) {
    this.#progress = new Progress(io, wanted);
  }

  async start(inputs: readonly Input[]): Promise<void> {
    await this.#progress.start({
      path: `${inputs.length} traces`,
      bytes_total: inputs.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
      bytes_read: () => {
        let bytes = this.#done_bytes;
        for (const partly of this.#partly.values()) bytes += partly;
        return bytes;
      },
    });
  }

  update(input: Input, bytes_read: number): void {
    this.#partly.set(input, bytes_read);
    this.#progress.update();
  }

  finish(input: Input): void {
    this.#partly.delete(input);
    this.#done_bytes += input.size_bytes;
    this.#progress.update();
  }

  stop(): void {
    this.#progress.stop();
  }

  /** Streams for whoever writes while the bar is shown. */
  besides(): CliIo {
    return this.#progress.besides();
  }
}
