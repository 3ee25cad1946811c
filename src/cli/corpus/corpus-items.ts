import { findTraces } from "../../replay/corpus/find-traces.js";
import { expandPatterns, type Input, inputsOf, noTraces } from "../many/inputs.js";
import { UsageError } from "../usage-error.js";

/** A trace of the corpus, or an expectation whose trace is gone. */
export interface CorpusItem extends Input {
  /** Undefined for an expectation without a trace. */
  readonly expectation_path: string | undefined;
}

/**
 * What is to be judged: for each folder its traces, and behind all traces the expectations that
 * have none.
 *
 * @throws UsageError when there is nothing.
 */
export async function corpusItems(words: readonly string[]): Promise<CorpusItem[]> {
  const expectations = new Map<string, string>();
  const orphans = new Set<string>();
  for (const { path } of await expandPatterns(words)) {
    const found = await findTraces(path);
    if (found.traces.length === 0) throw new UsageError(noTraces(path));
    for (const trace of found.traces) expectations.set(trace.path, trace.expectation_path);
    for (const orphan of found.orphans) orphans.add(orphan);
  }
  const traces = (await inputsOf([...expectations.keys()])).map((input) => ({
    ...input,
    expectation_path: expectations.get(input.path),
  }));
  const gone = [...orphans].map((path) => ({
    path,
    is_file: false,
    size_bytes: 0,
    expectation_path: undefined,
  }));
  return [...traces, ...gone];
}
