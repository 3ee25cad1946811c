/** A scenario that also says what must be found in it, line by line. */

import * as z from "zod";
import {
  EVENT_SCHEMAS,
  type Event,
  IOCTL_SCHEMAS,
  type MachineFacts,
} from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";

/** A finding the story expects. */
export interface Expectation {
  readonly seq: number;
  readonly severity: string;
  readonly message: string;
  readonly count?: number;
  /** The events that prove it, all of them. */
  readonly witness?: readonly number[];
}

export interface StoryHeader {
  readonly lutrace: 1;
  readonly profile?: string | undefined;
  readonly [fact: string]: unknown;
}

export class Story extends Scenario {
  header: StoryHeader;
  readonly expected: Expectation[] = [];

  constructor(
    readonly profile: ProfileId,
    facts: Omit<StoryHeader, "lutrace"> = {},
    machine?: MachineFacts,
  ) {
    super({ profile, title: "", ...(machine === undefined ? {} : { machine }) });
    this.header = { lutrace: 1, profile, ...facts };
  }

  /** The header says this, too. */
  states(facts: Omit<StoryHeader, "lutrace">): void {
    this.header = { ...this.header, ...facts };
  }

  /** The finding that the last event must give. Count: how often in the whole story. */
  found(severity: string, message: string, count?: number): void {
    this.foundAt(this.last_seq, severity, message, count);
  }

  /** The same for an event before the last one. */
  foundAt(seq: number, severity: string, message: string, count?: number): void {
    this.expected.push({ seq, severity, message, ...(count === undefined ? {} : { count }) });
  }

  /** Seq of the first call of an operation, or of a later one. */
  seqOf(op: string, index = 0): number {
    const calls = this.events.filter((event) => event.type === "ioctl" && event.op === op);
    const call = calls[index];
    if (call === undefined) throw new Error(`the story has no such ${op}`);
    return call.seq;
  }

  /** The events that prove the finding expected last. */
  because(...witness: readonly number[]): void {
    const last = this.expected.pop();
    if (last === undefined) throw new Error("no finding is expected yet");
    this.expected.push({ ...last, witness });
  }

  /** The trace as a file. */
  text(): string {
    const lines = [this.header, ...this.events.map(encodeEvent)];
    return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
  }
}

/** The event as a line of a trace has it. */
function encodeEvent(event: Event): unknown {
  const schema: z.ZodType | undefined =
    event.type === "ioctl" ? IOCTL_SCHEMAS.get(event.op) : EVENT_SCHEMAS[event.type];
  if (schema === undefined) throw new Error(`no schema for ${event.type}`);
  return z.encode(schema, event);
}
