/**
 * One pass over a trace: every event through the machine, every step to whoever listens. The
 * checkers hang in here as listeners, so that this room need not know them.
 */

import type { Machine, Step } from "../engine/machine.js";
import type { Profile } from "../engine/profile/index.js";
import { LimitError } from "./limit-error.js";
import type { TraceSource } from "./source.js";
import type { StageTimes } from "./stage-times.js";
import { startMachine } from "./start-machine.js";

/** Called after every step; `step.transitions` is valid only during the call. */
export type StepListener = (step: Step, machine: Machine) => void;

/** What an analysis needs of a trace's source. */
export type EventSource = Pick<TraceSource, "header" | "batches" | "close">;

export interface AnalysisOptions {
  readonly profile: Profile;
  readonly listeners?: readonly StepListener[];
  /** Stops after the last event whose seq is not above this one. */
  readonly stop_after_seq?: number | undefined;
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
  /** Counts the time of each stage; costs a look at its clock for each. */
  readonly stages?: StageTimes | undefined;
}

export interface Analysis {
  /** The machine after the last event. */
  readonly machine: Machine;
  readonly events: number;
  /** Seq of the last event; undefined for an empty trace. */
  readonly last_seq: number | undefined;
  /** The limit that was hit: events were left. */
  readonly limit: LimitError | undefined;
}

/**
 * Replays a trace. Memory follows the live objects of the machine, not the length of the trace.
 * When a limit is hit, what was read before it counts.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function analyse(source: EventSource, options: AnalysisOptions): Promise<Analysis> {
  const machine = startMachine(options.profile, source.header);
  const { listeners = [], on_progress, stages } = options;
  const stop_after_seq = options.stop_after_seq ?? Number.POSITIVE_INFINITY;
  let events = 0;
  let last_seq: number | undefined;
  let limit: LimitError | undefined;
  try {
    reading: for await (const batch of source.batches()) {
      stages?.lap("read and decode");
      for (const event of batch) {
        if (event.seq > stop_after_seq) break reading;
        const step = machine.apply(event);
        stages?.lap("emulate");
        events++;
        last_seq = event.seq;
        for (const listener of listeners) listener(step, machine);
        stages?.lap("rules");
      }
      on_progress?.();
    }
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    limit = error;
  } finally {
    await source.close();
  }
  return { machine, events, last_seq, limit };
}
