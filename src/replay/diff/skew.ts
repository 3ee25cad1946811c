/**
 * Events of two traces that come in different orders: each waits for the same call of the other
 * trace. Processes that run beside each other are interleaved otherwise in every run; that is no
 * difference. What one process does comes in its own order, but for calls that change no result.
 */

import { assert } from "../../engine/assert.js";
import type { Event } from "../../engine/event/index.js";
import type { Step } from "../../engine/machine.js";
import type { Parting } from "./parting.js";
import type { ResolvedEvent } from "./resolve-event.js";
import type { EventComparison } from "./same-event.js";

/** An event that was applied: what it was about, and what came of it. */
export interface AppliedEvent {
  readonly resolved: ResolvedEvent;
  /** Valid for good: its transitions are kept. */
  readonly step: Step;
  /** The kernel it was applied in: nothing that a boot is between changes places. */
  readonly epoch: number;
}

interface Waiting extends AppliedEvent {
  readonly side: Side;
  /** What the other trace went on with. */
  readonly beside: Event | undefined;
  /** When it came, in events of each trace. */
  readonly at: number;
}

/** Where one process went another way: its next event in each trace. */
interface Turn {
  readonly a: Event;
  readonly b: Event;
  /** When the earlier of the two came, in events of each trace. */
  readonly at: number;
}

type Side = "a" | "b";

export class Skew {
  /** Events without a partner so far, in their order. */
  private readonly waiting: Readonly<Record<Side, Waiting[]>> = { a: [], b: [] };
  /** Processes whose calls changed places, by the process in A. */
  private readonly turns = new Map<object | undefined, Turn>();
  private now = 0;
  /** The kernels that the newest events were applied in. */
  private epochs = { a: 0, b: 0 };
  /** The first call that had different results, or what led to it. */
  private failure: { readonly turn: Turn; readonly kind: "order" | "result" } | undefined;

  constructor(private readonly comparison: EventComparison) {}

  /** Nothing waits any more, and nothing was different but the order. */
  get isOver(): boolean {
    const { a, b } = this.waiting;
    return this.failure === undefined && a.length === 0 && b.length === 0;
  }

  /** The next event of each trace; undefined for one that is over. */
  add(a: AppliedEvent | undefined, b: AppliedEvent | undefined): void {
    this.now++;
    if (a !== undefined) this.addTo("a", a, b?.step.event);
    if (b !== undefined) this.addTo("b", b, a?.step.event);
    this.epochs = { a: a?.epoch ?? this.epochs.a, b: b?.epoch ?? this.epochs.b };
  }

  /** Something waits for a call of a kernel that is gone in both traces: they have parted. */
  get isDecided(): boolean {
    const { a, b } = this.waiting;
    const { a: epochA, b: epochB } = this.epochs;
    const oldest = Math.min(epochA, epochB);
    return [a[0], b[0]].some((first) => first !== undefined && first.epoch < oldest);
  }

  /** The first place where the traces went different ways, for good. */
  parting(): Parting {
    const { failure, waiting } = this;
    const found: { readonly at: number; readonly parting: Parting }[] = [];
    for (const turn of this.turns.values()) {
      found.push({ at: turn.at, parting: this.partingAt(turn, "differs") });
    }
    if (failure !== undefined) {
      const { turn, kind } = failure;
      found.push({ at: turn.at, parting: this.partingAt(turn, kind) });
    }
    // A process may have done nothing else in the other trace.
    const [firstA, firstB] = [waiting.a[0], waiting.b[0]];
    if (firstA !== undefined && !this.turns.has(this.callerOf(firstA))) {
      const { step, beside, at } = firstA;
      found.push({ at, parting: { kind: "only_in_a", a: step.event, b: beside } });
    }
    if (firstB !== undefined && !this.turns.has(this.callerOf(firstB))) {
      const { step, beside, at } = firstB;
      found.push({ at, parting: { kind: "only_in_b", a: beside, b: step.event } });
    }
    const [first] = found.sort((one, other) => one.at - other.at);
    assert(first !== undefined, "traces part somewhere");
    return first.parting;
  }

  private partingAt({ a, b }: Turn, otherwise: Parting["kind"]): Parting {
    const [inA, inB] = [this.namesFrom("a", a), this.namesFrom("b", b)];
    if (inA.length > 0 && inB.length > 0) {
      // What comes next was made on what the missing call would have given.
      if (inA[1] === inB[0]) return { kind: "only_in_a", a, b };
      if (inB[1] === inA[0]) return { kind: "only_in_b", a, b };
      return { kind: "differs", a, b };
    }
    if (inA.length > 0) return { kind: "only_in_a", a, b };
    if (inB.length > 0) return { kind: "only_in_b", a, b };
    return { kind: otherwise, a, b };
  }

  /** What a process calls from an event on, where that waits; empty where it does not. */
  private namesFrom(side: Side, event: Event): string[] {
    const waiting = this.waiting[side];
    const at = waiting.findIndex(({ step }) => step.event === event);
    const [first, ...others] = at < 0 ? [] : waiting.slice(at);
    if (first === undefined) return [];
    const caller = this.callerOf(first);
    const later = [first, ...others.filter((other) => this.callerOf(other) === caller)];
    return later.map(({ resolved }) => resolved.name);
  }

  private addTo(side: Side, applied: AppliedEvent, beside: Event | undefined): void {
    const others = this.waiting[side === "a" ? "b" : "a"];
    const caller = this.comparison.callerOf(applied.resolved, side);
    const expected = others.find((other) => this.callerOf(other) === caller);
    const partner = this.takePartner(side, others, applied);
    if (expected !== undefined && expected !== partner && !this.turns.has(caller)) {
      const [here, there] = [applied.step.event, expected.step.event];
      const { at } = expected;
      this.turns.set(caller, side === "a" ? { a: here, b: there, at } : { a: there, b: here, at });
    }
    if (partner === undefined) {
      this.waiting[side].push({ ...applied, side, beside, at: this.now });
      return;
    }
    const steps = side === "a" ? [applied.step, partner.step] : [partner.step, applied.step];
    const [a, b] = steps as [Step, Step];
    if (this.comparison.hasSameResult(a, b)) this.comparison.learn(a, b);
    else this.fail(caller, { a: a.event, b: b.event, at: partner.at });
    if (!this.isWaiting(caller)) this.turns.delete(caller);
  }

  /** Takes out the first waiting event that is the same call. */
  private takePartner(
    side: Side,
    others: Waiting[],
    { resolved, epoch }: AppliedEvent,
  ): Waiting | undefined {
    const { comparison } = this;
    const at = others.findIndex((other) => {
      if (other.epoch !== epoch) return false;
      return side === "a"
        ? comparison.isSame(resolved, other.resolved)
        : comparison.isSame(other.resolved, resolved);
    });
    return at < 0 ? undefined : others.splice(at, 1)[0];
  }

  /** Who makes the call, as A knows the process: it may have become known since. */
  private callerOf({ resolved, side }: Waiting): object | undefined {
    return this.comparison.callerOf(resolved, side);
  }

  private fail(caller: object | undefined, pair: Turn): void {
    const turn = this.turns.get(caller);
    this.failure ??= { turn: turn ?? pair, kind: turn === undefined ? "result" : "order" };
  }

  private isWaiting(caller: object | undefined): boolean {
    const { a, b } = this.waiting;
    return [...a, ...b].some((event) => this.callerOf(event) === caller);
  }
}
