/** One trace of the corpus, judged: what runs in a worker. */

import { writeFile } from "node:fs/promises";
import { compareResult } from "../../replay/corpus/compare-result.js";
import { expectationText, readExpectation } from "../../replay/corpus/expectation.js";
import type { CorpusTrace } from "../../replay/corpus/find-traces.js";
import { openTrace } from "../../replay/source.js";
import type { CorpusEntry } from "../../report/corpus-report.js";
import { corpusResult } from "../../report/corpus-trace.js";
import type { ExitStatus } from "../exit-status.js";
import { failureOf } from "../failure.js";

export interface CorpusJob {
  readonly trace: CorpusTrace;
  /** Writes the expectation instead of only comparing with it. */
  readonly update: boolean;
}

/** An entry of the report; `failure` is set where the trace could not be judged. */
export interface JudgedTrace {
  readonly entry: CorpusEntry;
  readonly failure?: ExitStatus;
}

/** Judges one trace. It never throws: what goes wrong is part of the answer. */
export async function judge({ trace, update }: CorpusJob): Promise<JudgedTrace> {
  const { path, expectation_path } = trace;
  try {
    const expected = await readExpectation(expectation_path);
    const source = await openTrace(path, {});
    const got = await corpusResult(source, { profile: expected?.profile });
    const differences = expected === undefined ? [] : compareResult(expected, got);
    const status = expected === undefined ? "new" : differences.length > 0 ? "differs" : "same";
    // What holds is left alone, so that a hand-written expectation keeps its shape.
    if (update && status !== "same") {
      await writeFile(expectation_path, expectationText(got, expected));
    }
    return { entry: { path, status, differences } };
  } catch (error) {
    const { message, status } = failureOf(error, path);
    return { entry: { path, status: "failed", differences: [], error: message }, failure: status };
  }
}
