import { createChecker } from "../checkers/checker.js";
import { analyse } from "../replay/analysis.js";
import type { CorpusResult } from "../replay/corpus/expectation.js";
import { type CallCounts, ReplayAccount } from "../replay/replay.js";
import type { TraceSource } from "../replay/source.js";
import { stateHash } from "../replay/state/state-hash.js";
import { headerFacts, profileOf, type RunOptions, traceEnd } from "./run-options.js";

/**
 * Everything the corpus compares, in one pass: findings, predicted calls, the final state.
 *
 * @throws TraceError where the trace cannot be read on; LimitError where a limit is hit.
 */
export async function corpusResult(
  source: TraceSource,
  options: RunOptions = {},
): Promise<CorpusResult> {
  const profile = profileOf(source, options);
  const checker = createChecker({ profile: profile.id, header: headerFacts(source, options) });
  // Only the counts are compared.
  const account = new ReplayAccount(0);
  const run = await analyse(source, {
    profile,
    listeners: [
      (step, machine) => {
        checker.step(step, machine);
        account.add(step);
      },
    ],
    routine: {
      allows: (call) => checker.routine.allows(call),
      passed(call) {
        checker.routine.passed(call);
        account.addRoutine(call);
      },
    },
    on_progress: options.on_progress,
  });
  if (run.limit !== undefined) throw run.limit;
  const findings = checker.finish(traceEnd(source), run.machine);
  return {
    findings: findings.map(({ rule, seq, objects }) => ({ rule, seq, objects: [...objects] })),
    stateHash: stateHash(run.machine),
    calls: stated(account.calls),
  };
}

/** Expectations do not say that no call is unrecorded. */
function stated({ unrecorded, ...others }: CallCounts): CorpusResult["calls"] {
  return unrecorded === 0 ? others : { ...others, unrecorded };
}
