import { analyse } from "../replay/analysis.js";
import type { LimitError } from "../replay/limit-error.js";
import { ReplayAccount } from "../replay/replay.js";
import type { TraceSource } from "../replay/source.js";
import { stateHash } from "../replay/state/state-hash.js";
import { DivergenceKinds } from "./divergence-kinds.js";
import { accountParts, type ReplayResult } from "./replay-report.js";
import { profileOf, type RunOptions, skippedOf } from "./run-options.js";

export interface ReplayOptions extends RunOptions {
  /** Divergences kept in the result; all of them are counted. */
  readonly divergences_max?: number | undefined;
}

/**
 * Replays a trace and compares every prediction with the record.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function replayTrace(
  source: TraceSource,
  options: ReplayOptions = {},
): Promise<ReplayResult & { readonly limit: LimitError | undefined }> {
  const profile = profileOf(source, options);
  const account = new ReplayAccount(options.divergences_max);
  const kinds = new DivergenceKinds();
  const run = await analyse(source, {
    profile,
    on_progress: options.on_progress,
    routine: { allows: () => true, passed: (call) => account.addRoutine(call) },
    listeners: [(step, machine) => kinds.add(step.event, account.add(step), machine)],
  });
  const trace = {
    path: source.path,
    events: run.events,
    profile: profile.id,
    stateHash: stateHash(run.machine),
    ...accountParts(account),
    skipped: skippedOf(source),
  };
  return { trace, kinds, limit: run.limit };
}
