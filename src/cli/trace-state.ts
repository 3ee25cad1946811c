import { type Analysis, analyse } from "../replay/analysis.js";
import { type DescribedState, describeMachine } from "../replay/state/describe-state.js";
import { hashState } from "../replay/state/state-hash.js";
import { profileOf } from "../report/run-options.js";
import type { CliIo } from "./io.js";
import type { TraceArgs } from "./options.js";
import { Progress } from "./progress.js";
import { openFor } from "./traces.js";

/** The state a trace leads to, or leads through. */
export interface TraceState {
  readonly path: string;
  readonly profile: string;
  readonly run: Analysis;
  readonly state: DescribedState;
  readonly stateHash: string;
}

/** Replays a trace up to event `at`, or to its end. */
export async function traceState(
  path: string,
  at: number | undefined,
  args: TraceArgs,
  io: CliIo,
): Promise<TraceState> {
  const source = await openFor(path, args, io);
  const profile = profileOf(source, { profile: args.profile });
  const progress = new Progress(io, args.progress);
  await progress.start(source);
  const run = await analyse(source, {
    profile,
    stop_after_seq: at,
    on_progress: () => progress.update(),
  }).finally(() => progress.stop());
  const state = describeMachine(run.machine);
  const stateHash = hashState(state.document);
  return { path: source.path, profile: profile.id, run, state, stateHash };
}
