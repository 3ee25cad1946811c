/**
 * Routine calls and the rules: which calls may go past without a step, and who hears of those that
 * did. Every rule that would listen to such a call says in `Listeners.routine` when it can do
 * without; where one says nothing about a kind of call, all calls of that kind come as steps.
 */

import type { Event } from "../engine/event/index.js";
import {
  ABSENT,
  ROUTINE_EVENTS,
  ROUTINE_KINDS,
  type RoutineCall,
  type RoutineKind,
} from "../engine/routine/routine-call.js";
import type { TransitionKind } from "../engine/transition.js";
import type { RoutineWatcher } from "../replay/analysis.js";
import {
  type LastEvent,
  type Listeners,
  NOTHING_TO_SAY,
  type RoutineTest,
  type RoutineView,
  UntilStep,
} from "./rule.js";

/** What a routine call of each kind would have reported. */
const TRANSITIONS: Readonly<Record<RoutineKind, readonly TransitionKind[]>> = {
  map: ["area_added"],
  map_file: ["area_added"],
  unmap: ["area_removed"],
  dma: ["dma"],
  cpu_write: [],
  note: [],
  open: ["fd_installed"],
  close: ["fd_closed", "file_released"],
};

export class RoutineLane implements RoutineWatcher {
  /** By the index of the kind, like the others. */
  private readonly closed: boolean[] = ROUTINE_KINDS.map(() => false);
  private readonly lasting: UntilStep[][] = ROUTINE_KINDS.map(() => []);
  /** Whether no rule wants all calls of the kind as steps; undefined: not asked since the last. */
  private readonly open: (boolean | undefined)[] = ROUTINE_KINDS.map(() => undefined);
  private readonly tests: RoutineTest[][] = ROUTINE_KINDS.map(() => []);
  private readonly passers: ((call: RoutineView) => void)[][] = ROUTINE_KINDS.map(() => []);

  /** Takes the listeners of one rule into account. */
  add(listeners: Listeners): void {
    for (const [index, kind] of ROUTINE_KINDS.entries()) {
      const test = listeners.routine?.[kind];
      if (test === undefined && wouldListen(listeners, kind)) this.closed[index] = true;
      else if (test instanceof UntilStep) this.lasting[index]?.push(test);
      else if (test !== undefined && test !== NOTHING_TO_SAY) this.tests[index]?.push(test);
      const passed = listeners.passed?.[kind];
      if (passed !== undefined) this.passers[index]?.push(passed);
    }
  }

  allows(call: RoutineCall): boolean {
    const { index } = call;
    if (!(this.open[index] ?? this.isOpen(index))) return false;
    for (const test of this.tests[index] ?? []) if (!test(call as RoutineView)) return false;
    return true;
  }

  /** Seq of the newest event, and the newest time that one has. */
  private last_seq = 0;
  private last_ts = ABSENT;
  /** The trace holds answers of the kernel: an ioctl had one. */
  answered = false;

  /** The newest event of the trace, a step or a routine call. */
  get last(): LastEvent {
    return { seq: this.last_seq, ts: this.last_ts === ABSENT ? undefined : this.last_ts };
  }

  /** There was a step: what rules said until then need not hold any more. */
  step(event: Event): void {
    this.last_seq = event.seq;
    if (event.ts !== undefined) this.last_ts = event.ts;
    if (event.type === "ioctl" && event.ret !== undefined) this.answered = true;
    for (let index = 0; index < this.open.length; index++) this.open[index] = undefined;
  }

  private isOpen(index: number): boolean {
    const open =
      this.closed[index] !== true && (this.lasting[index] ?? []).every(({ test }) => test());
    this.open[index] = open;
    return open;
  }

  passed(call: RoutineCall): void {
    if (!this.answered && call.recorded && ROUTINE_EVENTS[call.kind].type === "ioctl") {
      this.answered = true;
    }
    this.last_seq = call.seq;
    if (call.ts !== ABSENT) this.last_ts = call.ts;
    for (const pass of this.passers[call.index] ?? []) pass(call as RoutineView);
  }
}

function wouldListen(listeners: Listeners, kind: RoutineKind): boolean {
  const { any, ioctl_any, ioctl, event, on } = listeners;
  const { type, op } = ROUTINE_EVENTS[kind];
  if (any !== undefined) return true;
  if (type !== "ioctl") {
    if (event?.[type] !== undefined) return true;
  } else if (ioctl_any !== undefined || ioctl?.[op] !== undefined) return true;
  return TRANSITIONS[kind].some((transition) => on?.[transition] !== undefined);
}
