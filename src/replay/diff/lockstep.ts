/**
 * Replays two traces side by side, each in its own machine, and finds the first event at which
 * they part. Both are read once; only a few events of each are held.
 */

import type { Event } from "../../engine/event/index.js";
import type { Machine, Step } from "../../engine/machine.js";
import type { StopRule } from "../at-point.js";
import type { LimitError } from "../limit-error.js";
import { EventWindow } from "./event-window.js";
import type { Parting } from "./parting.js";
import { resolveEvent } from "./resolve-event.js";
import { EventComparison } from "./same-event.js";
import { type AppliedEvent, Skew } from "./skew.js";

/** One of the two traces. */
export interface LockstepSide {
  readonly machine: Machine;
  readonly batches: AsyncIterable<readonly Event[]>;
  /** Where to stop. */
  readonly stop: StopRule;
}

/** How far one of the traces was replayed. */
export interface LockstepEnd {
  readonly events: number;
  readonly last_seq: number | undefined;
  readonly limit: LimitError | undefined;
}

export interface LockstepResult {
  readonly a: LockstepEnd;
  readonly b: LockstepEnd;
  /** Undefined when both tell the same story. */
  readonly parting: Parting | undefined;
}

/** @throws TraceError where a trace cannot be read on. */
export async function runLockstep(
  a: LockstepSide,
  b: LockstepSide,
  on_progress?: () => void,
): Promise<LockstepResult> {
  const run = new Lockstep(a, b);
  const parting = await run.findParting(on_progress);
  await run.a.toEnd(on_progress);
  await run.b.toEnd(on_progress);
  return { a: run.a.end(), b: run.b.end(), parting };
}

/** Between two looks at the clock of a progress bar. */
const PROGRESS_EVENTS = 1024;
/** So many events of each trace are looked at before they are said to have parted. */
const LOOK_AHEAD = 1024;

class Lane {
  readonly window: EventWindow;
  private readonly machine: Machine;
  private events = 0;
  private last_seq: number | undefined;

  constructor({ machine, batches, stop }: LockstepSide) {
    this.machine = machine;
    this.window = new EventWindow(batches, stop);
  }

  /** The next event with what it is about; undefined when there is none. */
  async resolveNext() {
    if (!this.window.isFilled(1)) await this.window.fill(1);
    const event = this.window.peek();
    return event === undefined ? undefined : resolveEvent(this.machine, event);
  }

  /** Applies the next event; undefined when there is none. */
  step(): Step | undefined {
    const event = this.window.take();
    if (event === undefined) return undefined;
    this.events++;
    this.last_seq = event.seq;
    return this.machine.apply(event);
  }

  /** Applies the next event and keeps what came of it; undefined when there is none. */
  async applyNext(): Promise<AppliedEvent | undefined> {
    const resolved = await this.resolveNext();
    const { epoch } = this.machine;
    const step = resolved === undefined ? undefined : this.step();
    if (resolved === undefined || step === undefined) return undefined;
    return { resolved, epoch, step: { ...step, transitions: [...step.transitions] } };
  }

  async toEnd(on_progress?: () => void): Promise<void> {
    for (;;) {
      if (this.events % PROGRESS_EVENTS === 0) on_progress?.();
      if (!this.window.isFilled(1)) await this.window.fill(1);
      if (this.step() === undefined) return;
    }
  }

  end(): LockstepEnd {
    return { events: this.events, last_seq: this.last_seq, limit: this.window.limit };
  }
}

class Lockstep {
  readonly a: Lane;
  readonly b: Lane;
  private readonly comparison = new EventComparison();

  constructor(a: LockstepSide, b: LockstepSide) {
    this.a = new Lane(a);
    this.b = new Lane(b);
  }

  /** Goes on until the traces part, or until both end. */
  async findParting(on_progress?: () => void): Promise<Parting | undefined> {
    for (let events = 0; ; events++) {
      if (events % PROGRESS_EVENTS === 0) on_progress?.();
      const [a, b] = [await this.a.resolveNext(), await this.b.resolveNext()];
      if (a === undefined && b === undefined) return undefined;
      const same = a !== undefined && b !== undefined && this.comparison.isSame(a, b);
      const parting = same ? this.stepBoth() : await this.catchUp();
      if (parting !== undefined) return parting;
    }
  }

  /** Applies two events that are the same call. */
  private stepBoth(): Parting | undefined {
    const [a, b] = [this.a.step(), this.b.step()];
    if (a === undefined || b === undefined) return undefined;
    if (!this.comparison.hasSameResult(a, b)) return { kind: "result", a: a.event, b: b.event };
    this.comparison.learn(a, b);
    return undefined;
  }

  /** Goes on in both traces until they are in step again; undefined when they are. */
  private async catchUp(): Promise<Parting | undefined> {
    const skew = new Skew(this.comparison);
    for (let events = 0; events < LOOK_AHEAD; events++) {
      const [nextA, nextB] = [await this.a.applyNext(), await this.b.applyNext()];
      if (nextA === undefined && nextB === undefined) break;
      skew.add(nextA, nextB);
      if (skew.isOver) return undefined;
      if (skew.isDecided) break;
    }
    return skew.parting();
  }
}
