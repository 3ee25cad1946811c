/** Opens the traces of a command one after the other; one that fails does not lose the others. */

import type { LimitError } from "../replay/limit-error.js";
import { openTrace, type TraceSource } from "../replay/source.js";
import { type ExitStatus, worstStatus } from "./exit-status.js";
import { failureOf, reportFailure } from "./failure.js";
import type { CliIo } from "./io.js";
import type { TraceArgs } from "./options.js";
import { Progress } from "./progress.js";

export interface TraceFailure {
  readonly path: string;
  readonly message: string;
}

export interface EachTrace<T> {
  readonly results: readonly T[];
  readonly failures: readonly TraceFailure[];
  /** The most serious status of the failures and of the limits that were hit. */
  readonly status: ExitStatus;
}

export type TraceOptions = Pick<TraceArgs, "lenient" | "progress" | "limit-events">;

/** Opens one trace as a command was told to. */
export function openFor(path: string, args: TraceOptions, io: CliIo): Promise<TraceSource> {
  return openTrace(path, {
    lenient: args.lenient,
    stdin: io.stdin,
    events_max: args["limit-events"],
  });
}

/** What a command does with each of its traces. */
export interface TraceWork<T> {
  /** Computes the result; the progress bar runs meanwhile. */
  run(source: TraceSource, on_progress: () => void): Promise<T>;
  /** Prints the result as soon as it is there. */
  show?(result: T): Promise<void>;
}

/** Does the work on every trace, in order. */
export async function eachTrace<T extends { readonly limit: LimitError | undefined }>(
  paths: readonly string[],
  args: TraceOptions,
  io: CliIo,
  work: TraceWork<T>,
): Promise<EachTrace<T>> {
  const results: T[] = [];
  const failures: TraceFailure[] = [];
  const statuses: ExitStatus[] = [];
  for (const path of paths) {
    const progress = new Progress(io, args.progress);
    try {
      const source = await openFor(path, args, io);
      await progress.start(source);
      const result = await work.run(source, () => progress.update());
      progress.stop();
      results.push(result);
      await work.show?.(result);
      if (result.limit !== undefined) statuses.push(await reportFailure(result.limit, io, path));
    } catch (error) {
      progress.stop();
      failures.push({ path, message: failureOf(error, path).message });
      statuses.push(await reportFailure(error, io, path));
    }
  }
  return { results, failures, status: worstStatus(statuses) };
}
