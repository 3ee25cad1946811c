/** The common part of `corpus run` and `corpus update`. */

import { findTraces } from "../../replay/corpus/find-traces.js";
import {
  type CorpusEntry,
  corpusClosingLine,
  corpusEntryText,
  corpusReport,
} from "../../report/corpus-report.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";
import { UsageError } from "../usage-error.js";
import { withJudges } from "./pool.js";

export interface CorpusArgs {
  readonly folder: string;
  readonly format: Format;
  readonly verbose: boolean;
}

export interface CorpusRun {
  readonly entries: readonly CorpusEntry[];
  /** The most serious status of traces that could not be judged. */
  readonly status: ExitStatus;
}

/** Judges every trace of a corpus and prints the entries in the order of their paths. */
export async function runCorpus(args: CorpusArgs, io: CliIo, update: boolean): Promise<CorpusRun> {
  const { traces, orphans } = await findTraces(args.folder);
  if (traces.length === 0) throw new UsageError(`${args.folder} holds no traces (*.ndjson, .gz)`);
  const style = styleFor(io);
  const isTable = args.format === "table";
  const entries: CorpusEntry[] = [];
  const statuses: ExitStatus[] = [];
  await withJudges(traces.length, async (judge) => {
    const jobs = traces.map((trace) => judge({ trace, update }));
    for (const job of jobs) {
      const { entry, failure } = await job;
      entries.push(entry);
      if (failure !== undefined) statuses.push(failure);
      if (isTable) await io.out.write(corpusEntryText(entry, style, args.verbose));
    }
  });
  for (const path of orphans) {
    const entry: CorpusEntry = { path, status: "orphan", differences: [] };
    entries.push(entry);
    if (isTable) await io.out.write(corpusEntryText(entry, style, args.verbose));
  }
  const report = corpusReport(entries);
  if (isTable) await io.out.write(corpusClosingLine(report));
  else await writeJson(io.out, report);
  return { entries, status: worstStatus(statuses) };
}

/** 1 when anything is not as expected. */
export function differenceStatus(entries: readonly CorpusEntry[]): ExitStatus {
  const expected = entries.every(({ status }) => status === "same" || status === "failed");
  return expected ? EXIT.ok : EXIT.found;
}
