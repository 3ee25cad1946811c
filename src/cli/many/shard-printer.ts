/** Prints a shard: a header, one line for each entry, and a line that proves it is whole. */

import { createHash } from "node:crypto";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo, Output } from "../io.js";
import type { Printer } from "./printer.js";
import type { ShardEnd, ShardHeader } from "./shard-header.js";

export class ShardPrinter<Entry> implements Printer<Entry> {
  readonly #hash = createHash("sha256");
  readonly #inner: Printer<Entry>;
  #entries = 0;
  #pending: string;

  /** @param printerTo The printer of a whole run: it knows the exit status and the messages. */
  constructor(
    readonly io: CliIo,
    header: ShardHeader,
    printerTo: (io: CliIo) => Printer<Entry>,
  ) {
    this.#pending = lineOf(header);
    const nowhere: Output = { ...io.out, write: async () => undefined };
    this.#inner = printerTo({ ...io, out: nowhere });
  }

  async add(entry: Entry, index: number): Promise<void> {
    await this.#write(lineOf({ index, entry }));
    this.#entries++;
    await this.#inner.add(entry, index);
  }

  async end(): Promise<ExitStatus> {
    await this.#write("");
    const end: ShardEnd = { entries: this.#entries, sha256: this.#hash.digest("hex") };
    await this.io.out.write(lineOf(end));
    return await this.#inner.end();
  }

  async #write(line: string): Promise<void> {
    const text = this.#pending + line;
    this.#pending = "";
    this.#hash.update(text);
    await this.io.out.write(text);
  }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
