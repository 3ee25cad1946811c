/** Runs rules over the steps of one trace, in one pass. */

import type { Errno } from "../engine/errno.js";
import type { EventType, IoctlEvent } from "../engine/event/index.js";
import type { Machine, Step } from "../engine/machine.js";
import type { ProfileId } from "../engine/profile/index.js";
import type { TransitionKind } from "../engine/transition.js";
import type { RoutineWatcher } from "../replay/analysis.js";
import type { StageTimes } from "../replay/stage-times.js";
import type { Finding, RuleVerdict, TraceEnd } from "./finding.js";
import { FindingBook } from "./findings.js";
import { RoutineLane } from "./routine-lane.js";
import type { HeaderFacts, Listeners, Rule } from "./rule.js";
import { RULES } from "./rules/index.js";
import { timedListeners } from "./timed.js";
import { isOtherFile, untoldDescriptor } from "./untold.js";
import { type MachineView, type StepView, viewOf } from "./view.js";

export interface CheckerOptions {
  /** The profile the machine runs under. */
  readonly profile: ProfileId;
  /** The trace's header; absent for imported traces, which have none. */
  readonly header?: HeaderFacts | undefined;
  /** Default: all rules. Rules of other profiles are left out either way. */
  readonly rules?: readonly Rule[] | undefined;
  /** Counts the time of each rule. */
  readonly rule_times?: StageTimes | undefined;
}

/** One run of the rules. Feed every step in order, then `finish` once. */
export interface Checker {
  /** The rules that take part. */
  readonly rules: readonly Rule[];
  step(step: Step, machine: Machine): void;
  /** Stands in for `step` where a call is routine; the same findings come out. */
  readonly routine: RoutineWatcher;
  /** Ends the run; the findings are in the order of their events. */
  finish(end: TraceEnd, machine: Machine): readonly Finding[];
  /** What each rule says about the whole trace; call it after `finish`. */
  verdicts(): readonly RuleVerdict[];
}

type Listener<T> = (subject: T, step: StepView, view: MachineView) => void;
type Table<K extends string> = Partial<Record<K, Listener<never>[]>>;

export function createChecker(options: CheckerOptions): Checker {
  return new RuleChecker(options);
}

/**
 * The profiles whose rules take part. Where the trace states none, sessions and memfds are judged
 * as merged, domains by the model the designs agree on.
 */
export function profilesOf(profile: ProfileId, header: HeaderFacts | undefined): ProfileId[] {
  const stated = header?.profile !== undefined || header?.profile_overridden === true;
  return profile === "luo73" && !stated ? ["luo73", "seed"] : [profile];
}

class RuleChecker implements Checker {
  readonly rules: readonly Rule[];
  readonly #book: FindingBook;
  readonly #on: Table<TransitionKind> = {};
  readonly #event: Table<EventType> = {};
  readonly #ioctl = new Map<string, Listener<never>[]>();
  readonly #ioctlAny: Listener<never>[] = [];
  readonly #refused = new Map<string, Listener<never>[]>();
  readonly #refusedAny: Listener<never>[] = [];
  readonly #any: Listener<never>[] = [];
  readonly #lane = new RoutineLane();
  readonly #finishers: NonNullable<Listeners["finish"]>[] = [];
  readonly #unknown = new Map<string, Set<string>>();
  #eventsLost = false;
  #untold = false;
  #end: TraceEnd = {};

  constructor(options: CheckerOptions) {
    const { profile, header, rule_times } = options;
    const profiles = profilesOf(profile, header);
    this.#book = new FindingBook(profiles);
    this.rules = (options.rules ?? RULES).filter((rule) =>
      rule.profiles.some((id) => profiles.includes(id)),
    );
    for (const rule of this.rules) {
      const listeners = rule.create({
        profiles,
        header,
        report: (report) => this.#book.add(rule, report),
        unknown: (reason) => this.#doubt(rule.id, reason),
      });
      this.#subscribe(
        rule_times === undefined
          ? listeners
          : timedListeners(listeners, rule_times.now_ns, (ns) => rule_times.add(rule.id, ns)),
      );
    }
  }

  get routine(): RoutineWatcher {
    return this.#lane;
  }

  step(step: Step, machine: Machine): void {
    const { event, transitions } = step;
    const view = viewOf(machine);
    const seen = step as unknown as StepView;
    this.#lane.step(event);
    for (const transition of transitions) {
      const listeners = this.#on[transition.kind];
      if (listeners === undefined) continue;
      for (const listener of listeners) listener(transition as never, seen, view);
    }
    const listeners = event.type === "ioctl" ? this.#ioctl.get(event.op) : this.#event[event.type];
    if (listeners !== undefined) {
      for (const listener of listeners) listener(event as never, seen, view);
    }
    if (event.type === "ioctl") {
      for (const listener of this.#ioctlAny) listener(event as never, seen, view);
    }
    if (event.type === "ioctl" && (step.outcome.errno !== undefined || event.ret === -1)) {
      for (const listener of this.#refused.get(event.op) ?? []) {
        listener(event as never, seen, view);
      }
      for (const listener of this.#refusedAny) listener(event as never, seen, view);
    }
    for (const listener of this.#any) listener(event as never, seen, view);
    if (event.type === "lost_events") {
      this.#eventsLost = true;
      this.#book.loseEvents(event.seq);
    } else if (event.type === "ioctl") {
      const why = this.#untoldOf(step, event, view);
      if (why !== undefined) this.#book.meetUntold(event.seq, why);
    }
  }

  /** Why the model does not know what a call did. */
  #untoldOf({ outcome }: Step, event: IoctlEvent, view: MachineView): string | undefined {
    const { ret, never_returned } = event;
    if (outcome.errno === undefined || (ret ?? 0) < 0) return undefined;
    if (ret !== undefined) {
      if (!isUntold(event, outcome.errno, view)) return undefined;
      this.#untold = true;
      return "the trace does not explain a descriptor";
    }
    // A trace without any result was written by hand: the model's answers are meant.
    if (!this.#lane.answered || never_returned === true) return undefined;
    return "the trace does not say what a call answered";
  }

  finish(end: TraceEnd, machine: Machine): readonly Finding[] {
    this.#end = end;
    const { last } = this.#lane;
    for (const finish of this.#finishers) finish(end, viewOf(machine), last);
    return this.#book.findings();
  }

  verdicts(): readonly RuleVerdict[] {
    const general = this.#generalDoubts();
    return this.rules.map((rule) => {
      if (this.#book.has(rule)) return { rule: rule.id, verdict: "fail", reasons: [] };
      const reasons = [...general, ...(this.#unknown.get(rule.id) ?? [])];
      return { rule: rule.id, verdict: reasons.length > 0 ? "unknown" : "pass", reasons };
    });
  }

  #generalDoubts(): string[] {
    const doubts: string[] = [];
    const skipped = this.#end.skipped_lines ?? 0;
    if (this.#eventsLost) doubts.push("the trace lost events");
    if (this.#untold) doubts.push("calls on descriptors of unknown origin took effect");
    if (skipped > 0) doubts.push(`${skipped} lines were left out`);
    return doubts;
  }

  #doubt(rule: string, reason: string): void {
    let reasons = this.#unknown.get(rule);
    if (reasons === undefined) {
      reasons = new Set();
      this.#unknown.set(rule, reasons);
    }
    reasons.add(reason);
  }

  #subscribe(listeners: Listeners): void {
    addAll(this.#on, listeners.on);
    addAll(this.#event, listeners.event);
    addByOp(this.#ioctl, listeners.ioctl);
    addByOp(this.#refused, listeners.refused);
    this.#lane.add(listeners);
    if (listeners.ioctl_any !== undefined) {
      this.#ioctlAny.push(listeners.ioctl_any as Listener<never>);
    }
    if (listeners.refused_any !== undefined) {
      this.#refusedAny.push(listeners.refused_any as Listener<never>);
    }
    if (listeners.any !== undefined) this.#any.push(listeners.any as Listener<never>);
    if (listeners.finish !== undefined) this.#finishers.push(listeners.finish);
  }
}

/** Guard G1: the kernel knew a descriptor, of the call or in it, that the trace does not show. */
function isUntold(event: IoctlEvent, errno: Errno, view: MachineView): boolean {
  if (errno === "ENOTTY") return isOtherFile(event, view);
  return errno === "EBADF" && untoldDescriptor(event, view) !== undefined;
}

function addByOp(table: Map<string, Listener<never>[]>, listeners: object | undefined): void {
  for (const [op, listener] of Object.entries(listeners ?? {})) {
    const list = table.get(op) ?? [];
    table.set(op, list);
    list.push(listener as Listener<never>);
  }
}

function addAll<K extends string>(table: Table<K>, listeners: object | undefined): void {
  for (const [key, listener] of Object.entries(listeners ?? {})) {
    const list = table[key as K] ?? [];
    table[key as K] = list;
    list.push(listener as Listener<never>);
  }
}
