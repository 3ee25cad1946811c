/** `diff` of one trace at two points. */

import { opOf } from "../replay/compare.js";
import type { BetweenReport } from "../report/between.js";
import type { DiffSide } from "../report/diff-report.js";
import type { Compared, DiffArgs } from "./actions/diff.js";
import type { CliIo } from "./io.js";
import { type TraceState, traceState } from "./trace-state.js";
import { openFor } from "./traces.js";

export async function comparePoints(args: DiffArgs, io: CliIo): Promise<Compared> {
  const a = await traceState(args.a, args.at, args, io);
  const b = await traceState(args.b, args["at-b"], args, io);
  const seqs = [a, b].map(({ run }) => run.last_seq ?? 0);
  const between = await eventsBetween(args, Math.min(...seqs), Math.max(...seqs), io);
  return {
    report: { a: sideOf(a), b: sideOf(b), between },
    states: [a.state, b.state, { same_trace: true }],
    limits: [a, b].flatMap(({ run, path }) =>
      run.limit === undefined ? [] : [[path, run.limit] as const],
    ),
  };
}

function sideOf({ path, profile, run, stateHash }: TraceState): DiffSide {
  return { path, profile, events: run.events, lastSeq: run.last_seq ?? null, stateHash };
}

/** Counts the events behind `first` up to `last`, by operation. */
async function eventsBetween(
  args: DiffArgs,
  first: number,
  last: number,
  io: CliIo,
): Promise<BetweenReport> {
  const byOp: Record<string, number> = {};
  let events = 0;
  if (first === last) return { events, byOp };
  const source = await openFor(args.a, args, io);
  try {
    reading: for await (const batch of source.batches()) {
      for (const event of batch) {
        if (event.seq > last) break reading;
        if (event.seq <= first) continue;
        events++;
        const op = opOf(event);
        byOp[op] = (byOp[op] ?? 0) + 1;
        if (event.seq === last) break reading;
      }
    }
  } finally {
    await source.close();
  }
  return { events, byOp };
}
