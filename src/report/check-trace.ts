import { type Checker, createChecker } from "../checkers/checker.js";
import type { Rule } from "../checkers/rule.js";
import { analyse, type RoutineWatcher, type StepListener } from "../replay/analysis.js";
import type { LimitError } from "../replay/limit-error.js";
import type { TraceSource } from "../replay/source.js";
import { UnrecordedCalls } from "../replay/unrecorded.js";
import { type CheckedTrace, doubtsAboutTrace, doubtsOf, verdictOf } from "./check-report.js";
import { headerFacts, profileOf, type RunOptions, skippedOf, traceEnd } from "./run-options.js";
import type { CheckTiming } from "./timing-text.js";

export interface CheckOptions extends RunOptions {
  /** Default: all rules. */
  readonly rules?: readonly Rule[] | undefined;
  /** Sees every step besides the checkers. */
  readonly listener?: StepListener | undefined;
  /** Counts the time of each stage and of each rule. */
  readonly timing?: CheckTiming | undefined;
}

export interface CheckResult {
  readonly trace: CheckedTrace;
  /** The limit that was hit; the trace counts up to there. */
  readonly limit: LimitError | undefined;
}

/**
 * Runs the rules over a trace.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function checkTrace(
  source: TraceSource,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const profile = profileOf(source, options);
  const checker = createChecker({
    profile: profile.id,
    rules: options.rules,
    header: headerFacts(source, options),
    rule_times: options.timing?.rules,
  });
  const { listener } = options;
  const unrecorded = new UnrecordedCalls();
  const listeners: StepListener[] = [
    (step, machine) => checker.step(step, machine),
    (step) => unrecorded.add(step),
  ];
  if (listener !== undefined) listeners.push(listener);
  const run = await analyse(source, {
    profile,
    listeners,
    // A further listener wants to see every step.
    routine: listener === undefined ? watcherOf(checker, unrecorded) : undefined,
    on_progress: options.on_progress,
    stages: options.timing?.stages,
  });
  const findings = checker.finish(traceEnd(source), run.machine);
  options.timing?.stages.lap("findings");
  const reasons = [...doubtsOf(checker.verdicts()), ...doubtsAboutTrace(run.events, unrecorded)];
  if (run.limit !== undefined) reasons.push(`only the first ${run.events} events were read`);
  return {
    trace: {
      path: source.path,
      events: run.events,
      profile: profile.id,
      verdict: verdictOf(findings, reasons),
      reasons,
      unrecorded: unrecorded.calls,
      skipped: skippedOf(source),
      findings,
    },
    limit: run.limit,
  };
}

/** Every routine call goes to the rules; those without a result are counted besides. */
function watcherOf({ routine }: Checker, unrecorded: UnrecordedCalls): RoutineWatcher {
  return {
    allows: (call) => routine.allows(call),
    passed(call) {
      if (!call.recorded) unrecorded.addRoutine(call);
      routine.passed(call);
    },
  };
}
