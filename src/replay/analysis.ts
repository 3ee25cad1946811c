/**
 * One pass over a trace: every event through the machine, every step to whoever listens. The
 * checkers hang in here as listeners, so that this room need not know them.
 */

import type { Event } from "../engine/event/index.js";
import type { Machine, Step } from "../engine/machine.js";
import type { Profile } from "../engine/profile/index.js";
import { commitRoutine, prepareRoutine } from "../engine/routine/routine.js";
import type { RoutineCall } from "../engine/routine/routine-call.js";
import { LimitError } from "./limit-error.js";
import type { TraceSource } from "./source.js";
import type { EventSink } from "./source-events.js";
import type { StageTimes } from "./stage-times.js";
import { startMachine } from "./start-machine.js";

/** Called after every step; `step.transitions` is valid only during the call. */
export type StepListener = (step: Step, machine: Machine) => void;

/** Whoever listens to steps and can do without those of routine calls; see routine-call.ts. */
export interface RoutineWatcher {
  /** False when the call is to come as a step. Asked before the call is carried out. */
  allows(call: RoutineCall): boolean;
  /** The call was carried out. */
  passed(call: RoutineCall): void;
}

/** What an analysis needs of a trace's source. */
export type EventSource = Pick<TraceSource, "header" | "batches" | "drive" | "close">;

export interface AnalysisOptions {
  readonly profile: Profile;
  readonly listeners?: readonly StepListener[];
  /**
   * Stands in for all listeners where a call is routine. Absent: every call comes as a step, unless
   * nobody listens.
   */
  readonly routine?: RoutineWatcher | undefined;
  /** Every event goes the ordinary way, for whoever wants to hold the two against each other. */
  readonly no_routine?: boolean | undefined;
  /** Stops after the last event whose seq is not above this one. */
  readonly stop_after_seq?: number | undefined;
  /** What an earlier analysis left; the source goes on behind it. Absent: the start. */
  readonly from?: AnalysisProgress | undefined;
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
  /** Called after each block of events, which the machine then has gone through. */
  readonly on_block?: ((progress: AnalysisProgress) => void) | undefined;
  /** Counts the time of each stage; costs a look at its clock for each. */
  readonly stages?: StageTimes | undefined;
}

export interface AnalysisProgress {
  /** The machine after the last event. */
  readonly machine: Machine;
  readonly events: number;
  /** Seq of the last event; undefined for an empty trace. */
  readonly last_seq: number | undefined;
}

export interface Analysis extends AnalysisProgress {
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
  const { from, on_progress, on_block } = options;
  const machine = from?.machine ?? startMachine(options.profile, source.header);
  const pass = new Pass(machine, options);
  const limit = await readUpToLimit(source, () =>
    source.drive(pass, () => {
      on_block?.(pass);
      on_progress?.();
    }),
  );
  return { machine, events: pass.events, last_seq: pass.last_seq, limit };
}

/** Reads, and closes the source; the limit that was hit, where one was. */
export async function readUpToLimit(
  source: Pick<EventSource, "close">,
  read: () => Promise<void>,
): Promise<LimitError | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    return error;
  } finally {
    await source.close();
  }
}

class Pass implements EventSink {
  events: number;
  last_seq: number | undefined;
  readonly routine?: (call: RoutineCall) => boolean;
  private readonly listeners: readonly StepListener[];
  private readonly stop_after_seq: number;
  private readonly stages: StageTimes | undefined;

  constructor(
    readonly machine: Machine,
    options: AnalysisOptions,
  ) {
    this.events = options.from?.events ?? 0;
    this.last_seq = options.from?.last_seq;
    this.listeners = options.listeners ?? [];
    this.stop_after_seq = options.stop_after_seq ?? Number.POSITIVE_INFINITY;
    this.stages = options.stages;
    const { routine } = options;
    if (options.no_routine === true) return;
    if (routine !== undefined || this.listeners.length === 0) {
      this.routine = (call) => this.takeRoutine(call, routine);
    }
  }

  event(event: Event): boolean {
    const { stages, machine } = this;
    if (event.seq > this.stop_after_seq) return false;
    stages?.lap("read and decode");
    const step = machine.apply(event);
    stages?.lap("emulate");
    this.events++;
    this.last_seq = event.seq;
    for (const listener of this.listeners) listener(step, machine);
    stages?.lap("rules");
    return true;
  }

  private takeRoutine(call: RoutineCall, watcher: RoutineWatcher | undefined): boolean {
    const { stages, machine } = this;
    if (call.seq > this.stop_after_seq) return false;
    stages?.lap("read and decode");
    const routine = prepareRoutine(machine, call);
    stages?.lap("emulate");
    if (!routine || watcher?.allows(call) === false) {
      stages?.lap("rules");
      return false;
    }
    commitRoutine(machine, call);
    stages?.lap("emulate");
    this.events++;
    this.last_seq = call.seq;
    watcher?.passed(call);
    stages?.lap("rules");
    return true;
  }
}
