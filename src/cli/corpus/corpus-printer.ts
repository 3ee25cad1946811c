/** What `corpus run` and `corpus update` print about the traces, in their order. */

import {
  type CorpusSummary,
  corpusClosingLine,
  corpusEntryText,
} from "../../report/corpus-report.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { type CliIo, styleFor } from "../io.js";
import { JsonListWriter } from "../json-list.js";
import type { Printer } from "../many/printer.js";
import type { Format } from "../options.js";
import type { JudgedTrace } from "./judge.js";

/** How a run is shown. */
export interface CorpusShow {
  readonly format: Format;
  readonly verbose: boolean;
  /** What differs was written down: it is no fault any more. */
  readonly is_update: boolean;
}

export class CorpusPrinter implements Printer<JudgedTrace> {
  readonly #document: JsonListWriter | undefined;
  readonly #summary: { -readonly [Status in keyof CorpusSummary]: number } = {
    same: 0,
    differs: 0,
    new: 0,
    orphan: 0,
    failed: 0,
  };
  #status: ExitStatus = EXIT.ok;

  constructor(
    readonly io: CliIo,
    readonly show: CorpusShow,
  ) {
    if (show.format === "json") {
      this.#document = new JsonListWriter(io.out, { version: 1 }, "traces");
    }
  }

  async add({ entry, failure }: JudgedTrace): Promise<void> {
    this.#summary[entry.status]++;
    if (failure !== undefined) this.#status = worstStatus([this.#status, failure]);
    if (this.#document !== undefined) await this.#document.add(entry);
    else {
      const text = corpusEntryText(entry, styleFor(this.io), this.show.verbose);
      await this.io.out.write(text);
    }
  }

  /** The most serious status of traces that could not be judged; 1 when anything differs. */
  async end(): Promise<ExitStatus> {
    if (this.#document !== undefined) await this.#document.end({ summary: this.#summary });
    else await this.io.out.write(corpusClosingLine(this.#summary));
    const { differs, orphan } = this.#summary;
    const isExpected = this.show.is_update || differs + orphan + this.#summary.new === 0;
    return worstStatus([this.#status, isExpected ? EXIT.ok : EXIT.found]);
  }
}
