/**
 * Writes synthetic traces. A scenario states intent, call by call; the engine answers each call,
 * and its answer is written into the event, so that the finished trace holds results like one that
 * was recorded. Where the story needs another kernel than the modelled one, a call says what that
 * kernel answered.
 */

import type { StructValues } from "../../engine/abi/layout.js";
import type { Errno } from "../../engine/errno.js";
import type { Event, MachineFacts } from "../../engine/event/index.js";
import { Machine, type Step } from "../../engine/machine.js";
import type { ProcessRole } from "../../engine/process/process.js";
import { PROFILES, type ProfileId } from "../../engine/profile/index.js";
import { compareOutcome } from "../compare.js";
import { ScenarioProcess } from "./scenario-process.js";

/** How a call ends. Default: the model accepts it, and so does the kernel. */
export interface Ending {
  /** The model refuses the call, and so does the kernel. */
  readonly refused?: Errno;
  /** The kernel's own answer, whatever the model says: "ok" or an errno. */
  readonly kernel?: "ok" | Errno;
  /** The story goes on whatever the model answers, and so does the kernel. */
  readonly whatever?: true;
}

type WithoutPlace<E> = E extends unknown ? Omit<E, "seq" | "ts" | "ts_end"> : never;

/** An event before it has a place in the trace. */
export type PlannedEvent = WithoutPlace<Event>;

/** Time between two events of a scenario, in nanoseconds. */
const STEP_NS = 1_000_000;

/** The model refused a call that the story means to succeed, or the other way round. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

export interface ScenarioOptions {
  readonly profile: ProfileId;
  /** What the story is and how it was made; goes into the trace's header. */
  readonly title: string;
  /** Seed of what was left to chance. */
  readonly seed?: string;
  readonly machine?: MachineFacts | undefined;
  /** The trace starts in the middle; the first events say what was open. */
  readonly snapshot?: true | undefined;
}

export class Scenario {
  readonly machine: Machine;
  readonly events: Event[] = [];
  #placed = 0;
  /** Seqs of events at which the story's machine does otherwise than the model. */
  readonly contradicted: number[] = [];
  #now_ns = STEP_NS;
  #pid = 100;

  constructor(readonly options: ScenarioOptions) {
    this.machine = new Machine(PROFILES[options.profile]);
    this.add({ type: "boot", kind: "start", boot: 1, liveupdate: true, kho: true });
    if (options.machine !== undefined) this.add({ type: "machine", facts: options.machine });
  }

  /** Seq of the newest event. */
  get last_seq(): number {
    return this.#placed;
  }

  /** Takes the events so far out, so that a long story need not be kept as a whole. */
  drain(): Event[] {
    return this.events.splice(0);
  }

  /** A process of its own, not forked from any other. */
  start(role: ProcessRole): ScenarioProcess {
    const process = new ScenarioProcess(this, this.newPid(), role);
    this.add({ type: "process_start", pid: process.pid, role, uid: 0 });
    return process;
  }

  newPid(): number {
    return this.#pid++;
  }

  /** Lets time pass. */
  wait(duration_ns: number): void {
    this.#now_ns += duration_ns;
  }

  /** Adds an event that no kernel answers. */
  add(event: PlannedEvent): Step {
    const placed = this.#place(event);
    this.events.push(placed);
    const step = this.machine.apply(placed);
    if (compareOutcome(placed, step.outcome).length > 0) this.contradicted.push(placed.seq);
    return step;
  }

  /**
   * Adds a call and writes its answer into the event.
   *
   * @throws ScenarioError when the model does not answer as the story says.
   */
  call(event: PlannedEvent, ending: Ending = {}): Step {
    const placed = this.#place(event);
    const { kernel } = ending;
    const told = kernel === undefined ? placed : withAnswer(placed, kernel);
    const step = this.machine.apply(told);
    const model = step.outcome.errno;
    const open = ending.whatever === true || kernel !== undefined;
    if (!open && model !== ending.refused) {
      throw new ScenarioError(
        `event ${placed.seq}, ${nameOf(placed)}: the model answers ${model ?? "success"}, ` +
          `the story says ${ending.refused ?? "success"} (${step.outcome.decided_by ?? "-"})`,
      );
    }
    if (kernel !== undefined && kernel !== (model ?? "ok")) this.contradicted.push(placed.seq);
    this.events.push(kernel === undefined ? answered(told, step) : told);
    return step;
  }

  #place(event: PlannedEvent): Event {
    const ts = this.#now_ns;
    this.#now_ns += STEP_NS;
    return { ...event, seq: ++this.#placed, ts } as Event;
  }
}

function nameOf(event: Event): string {
  return event.type === "ioctl" ? event.op : event.type;
}

/** Which key holds the result of a call. */
function resultKey(event: Event): "ret" | "address" {
  return event.type === "mmap" || event.type === "mremap" ? "address" : "ret";
}

function withAnswer(event: Event, kernel: "ok" | Errno): Event {
  const key = resultKey(event);
  const answer = kernel === "ok" ? { [key]: 0 } : { [key]: -1, errno: kernel };
  return { ...event, ...answer } as Event;
}

function answered(event: Event, step: Step): Event {
  const { outcome } = step;
  const key = resultKey(event);
  if (outcome.errno !== undefined) {
    return { ...event, [key]: -1, errno: outcome.errno } as Event;
  }
  const ret = key === "address" ? BigInt(outcome.ret) : Number(outcome.ret);
  if (event.type !== "ioctl") return { ...event, [key]: ret } as Event;
  const before: StructValues = event.in ?? {};
  const out = Object.fromEntries(
    Object.entries(outcome.out).filter(([name, value]) => before[name] !== value),
  );
  return { ...event, ret: Number(ret), ...(Object.keys(out).length > 0 ? { out } : {}) };
}
