/** `diff` of two traces: both are replayed side by side. */

import { type AtPoint, StopRule } from "../replay/at-point.js";
import { type LockstepEnd, type LockstepSide, runLockstep } from "../replay/diff/lockstep.js";
import { startMachine } from "../replay/start-machine.js";
import { describeMachine } from "../replay/state/describe-state.js";
import { hashState } from "../replay/state/state-hash.js";
import type { DiffSide } from "../report/diff-report.js";
import { partingReport } from "../report/parting-text.js";
import { profileOf } from "../report/run-options.js";
import type { Compared, DiffArgs } from "./actions/diff.js";
import type { CliIo } from "./io.js";
import { checkReached, notePoint } from "./locate-point.js";
import { Progress } from "./progress.js";
import { openFor } from "./traces.js";

/** One of the traces, open. */
interface Side extends LockstepSide {
  readonly path: string;
  readonly at: AtPoint | undefined;
  readonly profile: string;
  readonly close: () => Promise<void>;
}

export async function compareTraces(args: DiffArgs, io: CliIo): Promise<Compared> {
  const progress = new Progress(io, args.progress);
  const a = await openSide(args.a, args.at, args, io, progress);
  try {
    const b = await openSide(args.b, args["at-b"], args, io, undefined);
    try {
      const ran = await runLockstep(a, b, () => progress.update());
      progress.stop();
      await checkPoint(a, ran.a, io);
      await checkPoint(b, ran.b, io);
      return compared(a, b, ran);
    } finally {
      await b.close();
    }
  } finally {
    progress.stop();
    await a.close();
  }
}

async function openSide(
  path: string,
  at: AtPoint | undefined,
  args: DiffArgs,
  io: CliIo,
  progress: Progress | undefined,
): Promise<Side> {
  const source = await openFor(path, args, io);
  const profile = profileOf(source, { profile: args.profile });
  await progress?.start(source);
  return {
    path: source.path,
    at,
    profile: profile.id,
    machine: startMachine(profile, source.header),
    batches: source.batches(),
    stop: new StopRule(at),
    close: () => source.close(),
  };
}

/** A point that a trace does not have: an error for a kernel, a note for an event. */
async function checkPoint(side: Side, end: LockstepEnd, io: CliIo): Promise<void> {
  if (end.limit !== undefined) return;
  checkReached(side.path, side.at, side.stop);
  await notePoint(side.path, side.at, end.last_seq, io);
}

function compared(a: Side, b: Side, ran: Awaited<ReturnType<typeof runLockstep>>): Compared {
  const [stateA, stateB] = [describeMachine(a.machine), describeMachine(b.machine)];
  const sideOf = ({ path, profile }: Side, end: LockstepEnd, stateHash: string): DiffSide => ({
    path,
    profile,
    events: end.events,
    lastSeq: end.last_seq ?? null,
    stateHash,
  });
  return {
    report: {
      a: sideOf(a, ran.a, hashState(stateA.document)),
      b: sideOf(b, ran.b, hashState(stateB.document)),
      parted: ran.parting === undefined ? null : partingReport(ran.parting),
    },
    states: [stateA, stateB],
    limits: [[a.path, ran.a.limit] as const, [b.path, ran.b.limit] as const].flatMap(
      ([path, limit]) => (limit === undefined ? [] : [[path, limit] as const]),
    ),
  };
}
