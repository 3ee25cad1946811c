import type { Analysis } from "../replay/analysis.js";
import type { AtPoint } from "../replay/at-point.js";
import { analyseFromCheckpoint } from "../replay/checkpoint/analyse-from-checkpoint.js";
import { type DescribedState, describeMachine } from "../replay/state/describe-state.js";
import { hashState } from "../replay/state/state-hash.js";
import { profileOf } from "../report/run-options.js";
import type { CheckpointArgs } from "./checkpoint-options.js";
import { checkpointsOf } from "./checkpoints.js";
import type { CliIo } from "./io.js";
import { notePoint, seqOf } from "./locate-point.js";
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

/**
 * Replays a trace up to a point, or to its end. Where an earlier run stored a checkpoint before
 * that, the replay starts there.
 */
export async function traceState(
  path: string,
  at: AtPoint | undefined,
  args: TraceArgs & Partial<CheckpointArgs>,
  io: CliIo,
): Promise<TraceState> {
  const stop_after_seq = await seqOf(path, at, args, io);
  const source = await openFor(path, args, io);
  const profile = profileOf(source, { profile: args.profile });
  const progress = new Progress(io, args.progress);
  await progress.start(source);
  const options = {
    profile,
    lenient: args.lenient,
    events_max: args["limit-events"],
    stop_after_seq,
    on_progress: () => progress.update(),
  };
  const checkpoints = checkpointsOf(args, io);
  const run = await analyseFromCheckpoint(source, options, checkpoints).finally(() =>
    progress.stop(),
  );
  if (run.limit === undefined) await notePoint(source.path, at, run.last_seq, io);
  const state = describeMachine(run.machine);
  const stateHash = hashState(state.document);
  return { path: source.path, profile: profile.id, run, state, stateHash };
}
