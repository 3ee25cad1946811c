/** Compares one event of each of two traces: the same call on the same things, and its result. */

import type { Outcome } from "../../engine/call/outcome.js";
import type { Event } from "../../engine/event/index.js";
import type { Step } from "../../engine/machine.js";
import { Process } from "../../engine/process/process.js";
import { Partners } from "./partners.js";
import { MARKS, type Resolved, type ResolvedEvent } from "./resolve-event.js";

/** Calls whose return value is a number that means something. */
const COUNTS: ReadonlySet<string> = new Set(["read", "write", "pread", "pwrite", "lseek"]);
/** Outputs that are IOVAs or lengths. */
const COMPARED_OUTPUTS = ["iova", "length"] as const;

type Fields = Readonly<Record<string, unknown>>;

export class EventComparison {
  private readonly partners = new Partners();
  /** Tokens of page tables, from one trace to the other; a mark decides, a restore refers. */
  private readonly hwptTokens = new Map<bigint, bigint>();
  /** What is the same only because nothing else is known yet. */
  private assumed: [a: object, b: object][] = [];

  /**
   * Whether two events are the same call on the same things. What had to be assumed for that holds
   * from then on.
   */
  isSame(a: ResolvedEvent, b: ResolvedEvent): boolean {
    this.assumed = [];
    const same =
      a.name === b.name && a.fields.size === b.fields.size && this.sameFields(a.fields, b.fields);
    if (same) for (const [one, other] of this.assumed) this.partners.pair(one, other);
    return same;
  }

  /** The process that makes a call, as A knows it; pid-less events are nobody's. */
  callerOf(event: ResolvedEvent, side: "a" | "b"): object | undefined {
    const { process } = event;
    if (process === undefined || side === "a") return process;
    return this.partners.ofB(process) ?? process;
  }

  /** Whether two events that are the same call had the same result. */
  hasSameResult(a: Step, b: Step): boolean {
    if (errnoOf(a) !== errnoOf(b)) return false;
    if (COUNTS.has(a.event.type) && retOf(a) !== retOf(b)) return false;
    return COMPARED_OUTPUTS.every((field) => outputOf(a, field) === outputOf(b, field));
  }

  /** What two events that are the same call made is the same, too. */
  learn(a: Step, b: Step): void {
    for (const [index, transition] of a.transitions.entries()) {
      const other = b.transitions[index];
      if (other?.kind !== transition.kind) break;
      this.pairThings(transition as unknown as Fields, other as unknown as Fields);
    }
    const [tokenA, tokenB] = [markedToken(a.event), markedToken(b.event)];
    if (tokenA !== undefined && tokenB !== undefined) this.hwptTokens.set(tokenA, tokenB);
  }

  private pairThings(a: Fields, b: Fields): void {
    for (const [key, thing] of Object.entries(a)) {
      const other = b[key];
      if (!isThing(thing) || !isThing(other)) continue;
      this.partners.pair(thing, other);
      const [objectA, objectB] = [(thing as Fields)["object"], (other as Fields)["object"]];
      if (isThing(objectA) && isThing(objectB)) this.partners.pair(objectA, objectB);
      const [pagesA, pagesB] = [pagesOf(objectA ?? thing), pagesOf(objectB ?? other)];
      if (isThing(pagesA) && isThing(pagesB)) this.partners.pair(pagesA, pagesB);
    }
  }

  private sameFields(a: ResolvedEvent["fields"], b: ResolvedEvent["fields"]): boolean {
    for (const [key, field] of a) {
      const other = b.get(key);
      if (other === undefined || !this.sameField(field, other)) return false;
    }
    return true;
  }

  private sameField(a: Resolved, b: Resolved): boolean {
    if (a.is === "value" && b.is === "value") return isEqual(a.value, b.value);
    if (a.is === "thing" && b.is === "thing") {
      if (a.sort !== b.sort) return false;
      const isProcess = a.sort === "process";
      return isProcess ? this.sameProcess(a.thing, b.thing) : this.assume(a.thing, b.thing);
    }
    if (a.is === "place" && b.is === "place") {
      return a.offset === b.offset && this.assume(a.thing, b.thing);
    }
    if (a.is === "hwpt_token" && b.is === "hwpt_token") {
      const known = this.hwptTokens.get(a.token);
      return a.defines || known === undefined || known === b.token;
    }
    if (a.is !== "things" || b.is !== "things" || a.things.length !== b.things.length) return false;
    return a.things.every((thing, index) => {
      const other = b.things[index];
      return other !== undefined && this.sameField(thing, other);
    });
  }

  private assume(a: object | undefined, b: object | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    if (!this.partners.canBe(a, b)) return false;
    this.assumed.push([a, b]);
    return true;
  }

  /** A process that one of the traces did not show starting begins with its first call. */
  private sameProcess(a: object | undefined, b: object | undefined): boolean {
    const known = a ?? b;
    if (a instanceof Process && b instanceof Process) {
      // Two processes that run beside each other often begin alike.
      return a.role === b.role && a.comm === b.comm && this.assume(a, b);
    }
    return known === undefined || this.partners.isFree(known);
  }
}

function markedToken(event: Event): bigint | undefined {
  if (event.type !== "ioctl" || !MARKS.has(event.op)) return undefined;
  const token = event.in?.["hwpt_token"];
  return token === undefined ? undefined : BigInt(token);
}

/** Equal values: scalars, bytes, and plain objects and lists of them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  for (const key in a) if (!isEqual((a as Fields)[key], (b as Fields)[key])) return false;
  for (const key in b) if (!(key in a) && (b as Fields)[key] !== undefined) return false;
  return true;
}

function isThing(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pagesOf(thing: unknown): unknown {
  return isThing(thing) ? (thing as Fields)["pages"] : undefined;
}

type Result = Partial<Pick<Outcome, "ret" | "errno">> & {
  readonly address?: number | bigint;
  readonly out?: Fields;
};

/** What the trace says a call returned; what the model says where the trace is silent. */
function retOf({ event, outcome }: Step): number | bigint {
  const { ret, address } = event as Result;
  return ret ?? address ?? outcome.ret;
}

function errnoOf(step: Step): string | undefined {
  const { ret, address, errno } = step.event as Result;
  const recorded = ret ?? address;
  if (recorded === undefined) return step.outcome.errno;
  return recorded === -1 ? (errno ?? "an error") : undefined;
}

function outputOf({ event, outcome }: Step, field: string): unknown {
  if (event.type !== "ioctl") return undefined;
  return (event as Result).out?.[field] ?? outcome.out[field];
}
