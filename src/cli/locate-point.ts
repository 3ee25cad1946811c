/** Finds a point that is named by a kernel, and says so where a point is not in the trace. */

import { type AtPoint, atPointText, StopRule } from "../replay/at-point.js";
import type { CliIo } from "./io.js";
import { openFor, type TraceOptions } from "./traces.js";
import { UsageError } from "./usage-error.js";

/**
 * The seq of the last event up to a point; undefined for the end of the trace. A kernel is found by
 * reading the trace once more, without a replay.
 *
 * @throws UsageError when the trace has no such kernel, or cannot be read twice.
 */
export async function seqOf(
  path: string,
  at: AtPoint | undefined,
  args: TraceOptions,
  io: CliIo,
): Promise<number | undefined> {
  if (at === undefined) return undefined;
  if ("seq" in at) return at.seq;
  if (path === "-") {
    throw new UsageError(`${atPointText(at)} needs a file: standard input is read only once`);
  }
  const source = await openFor(path, args, io);
  const stop = new StopRule(at);
  let last = 0;
  try {
    for await (const batch of source.batches()) {
      for (const event of batch) {
        if (!stop.allows(event)) return last;
        last = event.seq;
      }
    }
  } finally {
    await source.close();
  }
  stop.end();
  checkReached(path, at, stop);
  return last;
}

/** @throws UsageError for a kernel that the trace does not have. */
export function checkReached(path: string, at: AtPoint | undefined, stop: StopRule): void {
  if (at === undefined || "seq" in at || stop.reached) return;
  const { epoch } = stop;
  const has = epoch === 1 ? "only one kernel" : `${epoch} kernels`;
  throw new UsageError(`there is no ${atPointText(at)} in ${path}: the trace has ${has}`);
}

/** A note, on stderr, for an event number that is not in the trace. */
export async function notePoint(
  path: string,
  at: AtPoint | undefined,
  last_seq: number | undefined,
  io: CliIo,
): Promise<void> {
  if (at === undefined || !("seq" in at) || at.seq === 0 || at.seq === last_seq) return;
  const where =
    last_seq === undefined
      ? "the state is that before any event"
      : `the state is that after #${last_seq}, the last one before it`;
  await io.err.write(`note: ${path} has no event ${atPointText(at)}; ${where}\n`);
}
