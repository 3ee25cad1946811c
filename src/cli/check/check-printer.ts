/** What `lutrace check` prints about the traces, in their order. */

import { type CheckedTrace, countSeverities, type FailedTrace } from "../../report/check-report.js";
import { checkText } from "../../report/check-text.js";
import { counted } from "../../report/number-text.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { printFailure } from "../failure.js";
import { type CliIo, styleFor } from "../io.js";
import { JsonListWriter } from "../json-list.js";
import type { Printer } from "../many/printer.js";
import type { Answer } from "../many/task.js";
import type { FailOn, Format } from "../options.js";
import type { CheckedFile } from "./check-file.js";
import { SHOWN } from "./shown.js";

export type CheckEntry = Answer<CheckedFile> & { readonly path: string };

/** How a check is shown; it decides nothing about what is found. */
export interface CheckShow {
  readonly format: Format;
  readonly fail_on: FailOn;
}

export class CheckPrinter implements Printer<CheckEntry> {
  readonly #document: JsonListWriter | undefined;
  readonly #errors: FailedTrace[] = [];
  readonly #summary = { error: 0, warning: 0, info: 0 };
  #status: ExitStatus = EXIT.ok;
  #shown = 0;

  /** @param isSeveral There is more than one trace: the text ends in a sum. */
  constructor(
    readonly io: CliIo,
    readonly show: CheckShow,
    readonly isSeveral: boolean,
  ) {
    if (show.format === "json") this.#document = new JsonListWriter(io.out, HEAD, "traces");
  }

  async add({ path, result, failure }: CheckEntry): Promise<void> {
    if (failure !== undefined) {
      this.#errors.push({ path, message: failure.message });
      this.#worsen(await printFailure(failure, this.io));
      return;
    }
    const { trace, limit, timing } = result;
    if (timing !== undefined) await this.io.err.write(timing);
    const counts = countSeverities(trace.findings);
    this.#summary.error += counts.error;
    this.#summary.warning += counts.warning;
    this.#summary.info += counts.info;
    if (this.#document !== undefined) await this.#document.add(trace);
    else await this.io.out.write((this.#shown > 0 ? "\n" : "") + this.#text(trace, result));
    this.#shown++;
    if (limit !== undefined) this.#worsen(await printFailure(limit, this.io));
  }

  async end(): Promise<ExitStatus> {
    const errors = this.#errors.length === 0 ? undefined : this.#errors;
    await this.#document?.end({ summary: this.#summary, errors });
    if (this.#document === undefined && this.isSeveral) await this.io.out.write(this.#closing());
    this.#worsen(this.#foundStatus());
    return this.#status;
  }

  #text(trace: CheckedTrace, { lines = [] }: CheckedFile): string {
    return checkText(trace, new Map(lines), { ...SHOWN, style: styleFor(this.io) });
  }

  #closing(): string {
    const { error, warning, info } = this.#summary;
    const found = `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} info`;
    return `\n${counted(this.#shown, "trace")}: ${found}\n`;
  }

  #foundStatus(): ExitStatus {
    const { error, warning, info } = this.#summary;
    const found = { error, warning: error + warning, info: error + warning + info, never: 0 };
    return found[this.show.fail_on] > 0 ? EXIT.found : EXIT.ok;
  }

  #worsen(status: ExitStatus): void {
    this.#status = worstStatus([this.#status, status]);
  }
}

const HEAD = { version: 1 };
