/**
 * Tells a program again, with changes. Every answer is worked out anew by the model; a call that
 * would need what an earlier one did not give is not made, and neither is one of a process that is
 * gone or of a kernel that never ran.
 */

import type { StructValues } from "../../src/engine/abi/layout.js";
import type { Event } from "../../src/engine/event/index.js";
import type { Machine, Step } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { startMachine } from "../../src/replay/start-machine.js";
import type { Gift, Place, Program, ProgramStep, Use } from "./program.js";

/** An event that has no place in a trace yet. */
export type NewEvent = Event extends infer E
  ? E extends Event
    ? Omit<E, "seq" | "ts">
    : never
  : never;

/** What became of one step of the program. */
export interface Told {
  /** Index of the program's step; undefined for an event that was put in. */
  readonly index: number | undefined;
  readonly event: Event;
}

const STEP_NS = 1_000_000;

/** One telling. A mutation drives it: it may leave steps out, change them or add events. */
export class Telling {
  readonly machine: Machine;
  readonly told: Told[] = [];
  /** Indexes of steps that could not be made. */
  readonly not_made: number[] = [];
  readonly #values: (number | undefined)[];
  readonly #made = new Set<number>();
  #seq = 0;
  #now_ns = 0;
  #jumped = false;

  constructor(
    readonly program: Program,
    readonly profile: ProfileId = program.profile,
  ) {
    this.#values = new Array(program.handles);
    this.machine = startMachine(PROFILES[profile], program.trace.header);
  }

  get events(): Event[] {
    return this.told.map(({ event }) => event);
  }

  /** Makes a step of the program, changed where `change` says so; undefined: it cannot be made. */
  make(step: ProgramStep, change: (event: Event) => Event = same): Step | undefined {
    const { index } = step.moment;
    const event = this.#possible(step) ? this.#withValues(step.event, step.uses) : undefined;
    if (event === undefined) {
      this.#give(step.gifts, undefined);
      this.not_made.push(index);
      return undefined;
    }
    const done = this.#apply(change(event), step.answered_by_model, index);
    this.#give(step.gifts, done);
    this.#made.add(index);
    return done;
  }

  /** Time passes. */
  wait(duration_ns: number): void {
    this.#now_ns += duration_ns;
  }

  /** Leaves a step out: what it gave is not there. */
  leaveOut(step: ProgramStep): void {
    this.#give(step.gifts, undefined);
  }

  /** Adds an event that the program does not have. One that is answered keeps its answer. */
  add(event: NewEvent, answered = "ret" in event || "address" in event): Step {
    return this.#apply(event as Event, !answered, undefined);
  }

  #possible(step: ProgramStep): boolean {
    const { event, moment, sent_by } = step;
    if (sent_by !== undefined && !this.#made.has(sent_by)) return false;
    if (event.type === "marker" && event.what === "clean_end") return true;
    if (moment.epoch !== this.machine.epoch) return false;
    if (event.type === "boot" && event.kind === "kexec") return this.#jumped;
    if (event.pid === undefined) return true;
    return step.starts || this.machine.processes.has(event.pid);
  }

  #withValues(event: Event, uses: readonly Use[]): Event | undefined {
    let changed: Event = event;
    for (const { place, handle } of uses) {
      const value = this.#values[handle];
      if (value === undefined) return undefined;
      changed = placed(changed, place, value);
    }
    return changed;
  }

  #apply(event: Event, model_answers: boolean, index: number | undefined): Step {
    this.#now_ns += STEP_NS;
    const seq = ++this.#seq;
    const asked = withoutAnswer({ ...event, seq, ts: this.#now_ns } as Event, model_answers);
    const step = this.machine.apply(this.#numbered(asked));
    const answered = model_answers ? answer(event, step) : step.event;
    this.told.push({ index, event: answered });
    if (answered.type === "reboot") this.#jumped = answered.never_returned === true;
    if (answered.type === "boot") this.#jumped = false;
    return step;
  }

  /** Numbers that the receiver of descriptors gets: free ones. */
  #numbered(event: Event): Event {
    if (event.type !== "receive_fds" && event.type !== "new_fds") return event;
    const table = this.machine.processes.get(event.pid)?.fds;
    if (table === undefined) return event;
    const fds: number[] = [];
    for (const wanted of event.fds) {
      let fd = wanted;
      while (table.get(fd) !== undefined || fds.includes(fd)) fd++;
      fds.push(fd);
    }
    return { ...event, fds };
  }

  #give(gifts: readonly Gift[], step: Step | undefined): void {
    const descriptors = (step?.transitions ?? []).flatMap((transition) =>
      transition.kind === "fd_installed" ? [transition.fd] : [],
    );
    for (const { from, handle } of gifts) {
      const value = "descriptor" in from ? descriptors[from.descriptor] : fieldOf(step, from.field);
      // A call that is made again and refused takes nothing back.
      this.#values[handle] = value ?? this.#values[handle];
    }
  }
}

function same(event: Event): Event {
  return event;
}

function fieldOf(step: Step | undefined, field: string): number | undefined {
  if (step === undefined) return undefined;
  const { event, outcome } = step;
  const { ret = outcome.errno === undefined ? 0 : -1 } = event as { ret?: number };
  if (ret < 0) return undefined;
  const recorded = event.type === "ioctl" ? { ...event.in, ...event.out } : {};
  const value = outcome.out[field] ?? recorded[field];
  return value === undefined ? undefined : Number(value);
}

function placed(event: Event, place: Place, value: number): Event {
  const put = (object: unknown, [key, ...rest]: Place): unknown => {
    if (key === undefined) return value;
    if (Array.isArray(object)) return object.map((v, i) => (i === key ? put(v, rest) : v));
    const fields = object as Record<string, unknown>;
    return { ...fields, [key]: put(fields[key], rest) };
  };
  return put(event, place) as Event;
}

const ANSWERS = ["ret", "errno", "out", "out_tail", "newfd", "never_returned", "data"];

/** The event before anybody answered it. Its time is that of the telling. */
function withoutAnswer({ ts_end: _, ...event }: Event, model_answers: boolean): Event {
  return model_answers ? unanswered(event) : event;
}

function unanswered(event: Event): Event {
  if (event.type === "dma") return { ...event, observed: "unknown" };
  if (event.type === "write" || event.type === "pwrite" || event.type === "cpu_write") return event;
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => !ANSWERS.includes(key)),
  ) as unknown as Event;
}

/** The event with the model's answer. */
function answer(recorded: Event, step: Step): Event {
  const { event, outcome, transitions } = step;
  if (event.type === "dma") {
    const seen = transitions.find(({ kind }) => kind === "dma");
    const predicted = seen?.kind === "dma" ? seen.predicted : undefined;
    return { ...event, observed: predicted ?? "unknown" };
  }
  if (outcome.judgement !== "predicted") return { ...event, ...answersOf(recorded) } as Event;
  const key = isMapping(event) ? "address" : "ret";
  if (outcome.errno !== undefined) return { ...event, [key]: -1, errno: outcome.errno } as Event;
  if (event.type === "reboot") return { ...event, never_returned: true };
  if (event.type === "memory_content") return { ...event, data: outcome.data } as Event;
  // The program goes on with the address it had.
  if (isMapping(event)) return event;
  const ret = Number(outcome.ret);
  if (event.type !== "ioctl") return { ...event, [key]: ret } as Event;
  const before: StructValues = event.in ?? {};
  const out = Object.fromEntries(
    Object.entries(outcome.out).filter(([name, value]) => before[name] !== value),
  );
  return { ...event, ret, ...(Object.keys(out).length > 0 ? { out } : {}) };
}

function isMapping({ type }: Event): boolean {
  return type === "mmap" || type === "mremap";
}

function answersOf(event: Event): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => ANSWERS.includes(key)));
}
