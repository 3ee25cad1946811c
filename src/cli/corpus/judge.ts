/** One trace of the corpus, judged against its expectation. */

import { writeFile } from "node:fs/promises";
import { compareResult } from "../../replay/corpus/compare-result.js";
import {
  type CorpusResult,
  type Expectation,
  expectationText,
} from "../../replay/corpus/expectation.js";
import type { CorpusEntry } from "../../report/corpus-report.js";
import type { ExitStatus } from "../exit-status.js";
import { type Failure, failureOf } from "../failure.js";
import type { Answer } from "../many/task.js";
import type { CorpusItem } from "./corpus-items.js";

export interface Judging {
  /** What is expected; undefined where nothing is yet. */
  expected(expectation_path: string): Promise<Expectation | undefined>;
  /** What the trace gives under a profile; undefined: that of its header. */
  analyse(profile: Expectation["profile"]): Promise<Answer<CorpusResult>>;
  /** Writes the expectation where it does not hold, instead of only comparing with it. */
  readonly update: boolean;
}

/** An entry of the report; `failure` is set where the trace could not be judged. */
export interface JudgedTrace {
  readonly entry: CorpusEntry;
  readonly failure?: ExitStatus;
}

/** Judges one trace. It never throws: what goes wrong is part of the answer. */
export async function judge(item: CorpusItem, judging: Judging): Promise<JudgedTrace> {
  const { path, expectation_path } = item;
  if (expectation_path === undefined) return { entry: { path, status: "orphan", differences: [] } };
  try {
    const expected = await judging.expected(expectation_path);
    const { result: got, failure } = await judging.analyse(expected?.profile);
    if (failure !== undefined) return failed(path, failure);
    const differences = expected === undefined ? [] : compareResult(expected, got);
    const status = expected === undefined ? "new" : differences.length > 0 ? "differs" : "same";
    // What holds is left alone, so that a hand-written expectation keeps its shape.
    if (judging.update && status !== "same") {
      await writeFile(expectation_path, expectationText(got, expected));
    }
    return { entry: { path, status, differences } };
  } catch (error) {
    return failed(path, failureOf(error, path));
  }
}

function failed(path: string, { message, status }: Failure): JudgedTrace {
  return { entry: { path, status: "failed", differences: [], error: message }, failure: status };
}
