/**
 * Writes small traces for tests: a story is a list of events that the engine has answered. Each
 * call is applied to a machine of the story's own; what the model answers becomes the recorded
 * answer, unless the story says that its kernel answers otherwise.
 */

import { expect } from "vitest";
import * as z from "zod";
import type { StructValues } from "../../src/engine/abi/layout.js";
import type { Errno } from "../../src/engine/errno.js";
import { EVENT_SCHEMAS, type Event, IOCTL_SCHEMAS } from "../../src/engine/event/index.js";
import { Machine, type Step } from "../../src/engine/machine.js";
import type { ProcessRole } from "../../src/engine/process/process.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { Actor } from "./actor.js";

/** What the story expects of a call. Default: the model and the kernel both accept it. */
export interface Expected {
  /** The model refuses it, and so does the kernel. */
  readonly errno?: Errno;
  /** The kernel's own answer, whatever the model says: "ok" or an errno. */
  readonly kernel?: "ok" | Errno;
  /** Nobody recorded the answer. */
  readonly unrecorded?: boolean;
}

/** A finding the story expects. */
export interface Expectation {
  readonly seq: number;
  readonly severity: string;
  readonly message: string;
  readonly count?: number;
}

type WithoutSeq<E> = E extends unknown ? Omit<E, "seq"> : never;
export type StoryEvent = WithoutSeq<Event>;

export interface StoryHeader {
  readonly lutrace: 1;
  readonly profile?: string;
  readonly [fact: string]: unknown;
}

export class Story {
  readonly header: StoryHeader;
  readonly events: Event[] = [];
  readonly expected: Expectation[] = [];
  /** Seqs of calls whose recorded answer is not the model's. */
  readonly contradicted = new Set<number>();
  readonly machine: Machine;
  #seq = 0;

  constructor(
    readonly profile: ProfileId,
    facts: Omit<StoryHeader, "lutrace"> = {},
  ) {
    this.header = { lutrace: 1, profile, ...facts };
    this.machine = new Machine(PROFILES[profile]);
  }

  /** The seq of the last event. */
  get last(): number {
    return this.#seq - 1;
  }

  process(pid: number, role?: ProcessRole): Actor {
    this.add({ type: "process_start", pid, ...(role === undefined ? {} : { role }) });
    return new Actor(this, pid);
  }

  /** A process that is there already. */
  actor(pid: number): Actor {
    return new Actor(this, pid);
  }

  /** The finding that the last event must give. Count: how often in the whole story. */
  found(severity: string, message: string, count?: number): void {
    const seq = this.last;
    this.expected.push({ seq, severity, message, ...(count === undefined ? {} : { count }) });
  }

  /** Adds an event as it is. */
  add(event: StoryEvent): Step {
    const full = { ...event, seq: this.#seq++ } as Event;
    this.events.push(full);
    return this.machine.apply(full);
  }

  /** Adds a call and records its answer. */
  call(event: StoryEvent, expected: Expected = {}): Step {
    const seq = this.#seq++;
    const asked = { ...event, seq } as Event;
    const { kernel } = expected;
    const told = kernel === undefined ? asked : ({ ...asked, ...answer(asked, kernel) } as Event);
    const step = this.machine.apply(told);
    const model = step.outcome.errno;
    const where = `event ${seq}, ${event.type === "ioctl" ? event.op : event.type}`;
    if (kernel === undefined) expect(model, where).toBe(expected.errno);
    else if ((model ?? "ok") !== kernel) this.contradicted.add(seq);
    const recorded = expected.unrecorded === true ? asked : answered(told, step);
    this.events.push(recorded);
    return step;
  }

  /** The machine jumps into its next kernel. */
  kexec(pid = 1): void {
    this.add({ type: "kexec_load", how: "kexec_file_load" });
    this.add({ type: "reboot", cmd: "kexec", pid, never_returned: true });
    this.boot("kexec");
  }

  boot(kind: "kexec" | "cold" | "crash", facts: Record<string, unknown> = {}): void {
    const boot = this.machine.epoch + 1;
    this.add({ type: "boot", kind, boot, liveupdate: true, kho: true, ...facts });
  }

  marker(what: "cancel" | "vcpus_paused" | "vcpus_resumed" | "boot_complete" | "clean_end"): void {
    this.add({ type: "marker", what });
  }

  /** The trace as a file. */
  text(): string {
    const lines = [this.header, ...this.events.map(encodeEvent)];
    return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
  }
}

export function story(
  profile: ProfileId,
  tell: (story: Story) => void,
  facts: Omit<StoryHeader, "lutrace"> = {},
): Story {
  const told = new Story(profile, facts);
  tell(told);
  return told;
}

function answer(event: Event, kernel: "ok" | Errno): object {
  const key = event.type === "mmap" || event.type === "mremap" ? "address" : "ret";
  return kernel === "ok" ? { [key]: 0 } : { [key]: -1, errno: kernel };
}

/** The event with the answer it got. */
function answered(event: Event, step: Step): Event {
  if ("ret" in event || "address" in event) return event;
  const { outcome } = step;
  const errno = outcome.errno === undefined ? {} : { errno: outcome.errno };
  if (event.type === "mmap" || event.type === "mremap") {
    const address = outcome.errno === undefined ? BigInt(outcome.ret) : -1;
    return { ...event, address, ...errno };
  }
  const ret = Number(outcome.ret);
  if (event.type !== "ioctl") return { ...event, ret, ...errno } as Event;
  const before: StructValues = event.in ?? {};
  const out = Object.fromEntries(
    Object.entries(outcome.out).filter(([name, value]) => before[name] !== value),
  );
  return { ...event, ret, ...errno, ...(Object.keys(out).length > 0 ? { out } : {}) };
}

/** The event as a line of a trace has it. */
export function encodeEvent(event: Event): unknown {
  const schema: z.ZodType | undefined =
    event.type === "ioctl" ? IOCTL_SCHEMAS.get(event.op) : EVENT_SCHEMAS[event.type];
  if (schema === undefined) throw new Error(`no schema for ${event.type}`);
  return z.encode(schema, event);
}
