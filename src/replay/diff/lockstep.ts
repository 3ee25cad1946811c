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
import { LOOK_AHEAD, partingKind, reorderedBlock } from "./resync.js";
import { EventComparison } from "./same-event.js";

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

class Lane {
  readonly window: EventWindow;
  private readonly machine: Machine;
  private events = 0;
  private last_seq: number | undefined;

  constructor({ machine, batches, stop }: LockstepSide) {
    this.machine = machine;
    this.window = new EventWindow(batches, stop);
  }

  /** Applies the next event; undefined when there is none. */
  step(): Step | undefined {
    const event = this.window.take();
    if (event === undefined) return undefined;
    this.events++;
    this.last_seq = event.seq;
    return this.machine.apply(event);
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
  private readonly comparison: EventComparison;

  constructor(a: LockstepSide, b: LockstepSide) {
    this.a = new Lane(a);
    this.b = new Lane(b);
    this.comparison = new EventComparison(a.machine, b.machine);
  }

  /** Goes on until the traces part, or until both end. */
  async findParting(on_progress?: () => void): Promise<Parting | undefined> {
    for (let events = 0; ; events++) {
      if (events % PROGRESS_EVENTS === 0) on_progress?.();
      await this.fill(1);
      const [a, b] = [this.a.window.peek(), this.b.window.peek()];
      if (a === undefined && b === undefined) return undefined;
      const same = a !== undefined && b !== undefined && this.comparison.isSame(a, b, true);
      const parting = same ? this.stepBoth() : await this.resync();
      if (parting !== undefined) return parting;
    }
  }

  private async fill(count: number): Promise<void> {
    for (const { window } of [this.a, this.b]) {
      if (!window.isFilled(count)) await window.fill(count);
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

  /** The next events are not the same: another order does not matter by itself. */
  private async resync(): Promise<Parting | undefined> {
    await this.fill(LOOK_AHEAD);
    const [a, b] = [this.a.window, this.b.window];
    const isSame = (one: Event, other: Event) => this.comparison.isSame(one, other, false);
    const heads = { a: a.peek(), b: b.peek() };
    const block = reorderedBlock(a, b, isSame);
    if (block === undefined) return { kind: partingKind(a, b, isSame), ...heads };
    return this.stepBlock(block) ? undefined : { kind: "order", ...heads };
  }

  /** Applies a block of the same calls in two orders; false when their results differ. */
  private stepBlock(block: readonly number[]): boolean {
    const stepsA = block.map(() => kept(this.a.step()));
    const stepsB = block.map(() => kept(this.b.step()));
    let same = true;
    for (const [index, partner] of block.entries()) {
      const [a, b] = [stepsA[index], stepsB[partner]];
      if (a === undefined || b === undefined) continue;
      if (this.comparison.hasSameResult(a, b)) this.comparison.learn(a, b);
      else same = false;
    }
    return same;
  }
}

/** A step that is still valid after the next one. */
function kept(step: Step | undefined): Step | undefined {
  return step === undefined ? undefined : { ...step, transitions: [...step.transitions] };
}
