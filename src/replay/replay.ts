/** Drives the engine over the events of a trace and keeps account of what was predicted. */

import type { Event } from "../engine/event/index.js";
import type { Machine, Step } from "../engine/machine.js";
import type { RoutineCall, RoutineKind } from "../engine/routine/routine-call.js";
import { compareOutcome, type Divergence, opOf } from "./compare.js";
import { isUnrecorded, UnrecordedCalls } from "./unrecorded.js";

/** The routine calls about which the model claims something. */
const JUDGED_ROUTINES: ReadonlySet<RoutineKind> = new Set([
  "map",
  "map_file",
  "unmap",
  "dma",
  "close",
]);

export interface CallCounts {
  total: number;
  predicted: number;
  diverged: number;
  unmodelled: number;
  /** Calls whose result is not in the trace: there is nothing to predict. */
  unrecorded: number;
}

function noCalls(): CallCounts {
  return { total: 0, predicted: 0, diverged: 0, unmodelled: 0, unrecorded: 0 };
}

/** The account of a replay. A call counts as predicted only when nothing of it diverged. */
export class ReplayAccount {
  readonly calls: CallCounts = noCalls();
  readonly byOp = new Map<string, CallCounts>();
  /** Adopted outputs by operation, with how often each was taken from the trace. */
  readonly adopted = new Map<string, Map<string, number>>();
  readonly divergences: Divergence[] = [];
  /** Divergences beyond `divergences_max`: counted, not kept. */
  divergencesLeftOut = 0;
  /** Failures that fault injection explains. */
  injected = 0;
  /** What became of the calls without a recorded result. */
  readonly unrecorded = new UnrecordedCalls();
  events = 0;

  /** `divergences_max` bounds the memory a long, wrong trace takes. */
  constructor(readonly divergences_max = Number.POSITIVE_INFINITY) {}

  /** Counts a routine call: what it was answered is what the model predicts. */
  addRoutine(call: RoutineCall): void {
    const { kind, op, recorded } = call;
    this.events++;
    this.unrecorded.addRoutine(call);
    if (!JUDGED_ROUTINES.has(kind)) return;
    this.#count(op, recorded || kind === "dma" ? "predicted" : "unrecorded");
  }

  /** Counts one step; returns its divergences. */
  add(step: Step): readonly Divergence[] {
    this.events++;
    const { event, outcome } = step;
    const divergences = compareOutcome(event, outcome);
    if (outcome.judgement === "none" && divergences.length === 0) return divergences;
    const op = opOf(event);
    this.unrecorded.add(step);
    const kind =
      divergences.length > 0
        ? "diverged"
        : outcome.judgement === "unmodelled"
          ? "unmodelled"
          : isUnrecorded(event)
            ? "unrecorded"
            : "predicted";
    this.#count(op, kind);
    if (outcome.injected) this.injected++;
    for (const field of outcome.adopted) this.#countAdopted(op, field);
    for (const divergence of divergences) {
      if (this.divergences.length < this.divergences_max) this.divergences.push(divergence);
      else this.divergencesLeftOut++;
    }
    return divergences;
  }

  #count(op: string, kind: Exclude<keyof CallCounts, "total">): void {
    const counts = this.#countsOf(op);
    this.calls.total++;
    this.calls[kind]++;
    counts.total++;
    counts[kind]++;
  }

  #countsOf(op: string): CallCounts {
    let counts = this.byOp.get(op);
    if (counts === undefined) {
      counts = noCalls();
      this.byOp.set(op, counts);
    }
    return counts;
  }

  #countAdopted(op: string, field: string): void {
    let fields = this.adopted.get(op);
    if (fields === undefined) {
      fields = new Map();
      this.adopted.set(op, fields);
    }
    fields.set(field, (fields.get(field) ?? 0) + 1);
  }
}

/** Replays all events; `onStep` sees each step with its divergences. */
export async function replay(
  machine: Machine,
  events: AsyncIterable<Event> | Iterable<Event>,
  onStep?: (step: Step, divergences: readonly Divergence[]) => void,
): Promise<ReplayAccount> {
  const account = new ReplayAccount();
  for await (const event of events) {
    const step = machine.apply(event);
    const divergences = account.add(step);
    onStep?.(step, divergences);
  }
  return account;
}
