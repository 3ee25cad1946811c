/** What is known to be found in each trace of a corpus: from the expectations, not by a new run. */

import { profilesOf } from "../../checkers/checker.js";
import type { ProfileId } from "../../engine/profile/index.js";
import { readExpectation } from "../../replay/corpus/expectation.js";
import type { CorpusTrace } from "../../replay/corpus/find-traces.js";
import { openTrace } from "../../replay/source.js";
import { corpusResult } from "../corpus-trace.js";
import { headerFacts, profileOf } from "../run-options.js";

export interface JudgedTrace {
  readonly path: string;
  /** Profiles whose rules take part. */
  readonly profiles: readonly ProfileId[];
  /** Rules that find something in it. */
  readonly fired: ReadonlySet<string>;
  /** No expectation states its findings, so it was judged now. */
  readonly judged_now: boolean;
}

/**
 * Reads what a trace's expectation says is found in it; a trace without one is judged.
 *
 * @throws TraceError where the trace or its expectation cannot be read.
 */
export async function judgedTrace({ path, expectation_path }: CorpusTrace): Promise<JudgedTrace> {
  const expected = await readExpectation(expectation_path);
  const source = await openTrace(path);
  const options = { profile: expected?.profile };
  const profiles = profilesOf(profileOf(source, options).id, headerFacts(source, options));
  let findings = expected?.findings;
  const judged_now = findings === undefined;
  if (findings === undefined) findings = [...(await corpusResult(source, options)).findings];
  else await source.close();
  return { path, profiles, fired: new Set(findings.map(({ rule }) => rule)), judged_now };
}
