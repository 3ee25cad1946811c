/** Compares one event of each of two traces: the same call on the same things, and its result. */

import type { Outcome } from "../../engine/call/outcome.js";
import type { Event, IoctlEvent } from "../../engine/event/index.js";
import type { Machine, Step } from "../../engine/machine.js";
import { eventRole, type FieldRole, structRole } from "./field-roles.js";
import { Partners } from "./partners.js";
import { type Caller, References } from "./references.js";

/** Marks of page tables: their token is new, not one that was given before. */
const MARKS: ReadonlySet<string> = new Set([
  "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVED",
]);
const MAP_FIXED = 0x10;
/** Calls whose return value is a number that means something. */
const COUNTS: ReadonlySet<string> = new Set(["read", "write", "pread", "pwrite", "lseek"]);
/** Outputs that are IOVAs or lengths. */
const COMPARED_OUTPUTS = ["iova", "length"] as const;
/** Buffers whose bytes hold descriptors. */
const BUFFERS_OF_FDS: ReadonlySet<string> = new Set(["VFIO_DEVICE_SET_IRQS"]);

type Fields = Readonly<Record<string, unknown>>;

export class EventComparison {
  private readonly partners = new Partners();
  private readonly references = new References(this.partners);

  constructor(
    private readonly a: Machine,
    private readonly b: Machine,
  ) {}

  /**
   * Whether two events are the same call on the same things, before either was applied. With
   * `keep`, what had to be assumed for that holds from now on.
   */
  isSame(a: Event, b: Event, keep: boolean): boolean {
    const same = a.type === b.type && this.sameFields(a, b) && this.sameStructs(a, b);
    this.references.settle(same && keep);
    return same;
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
    if (tokenA !== undefined && tokenB !== undefined) {
      this.references.noteHwptToken(tokenA, tokenB);
    }
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

  private sameFields(a: Event, b: Event): boolean {
    const callers = [callerOf(this.a, a), callerOf(this.b, b)] as const;
    if (a.type === "ioctl" && a.op !== (b as IoctlEvent).op) return false;
    return sameKeys(a as unknown as Fields, b as unknown as Fields, (key, inA, inB) => {
      // The kernel takes an address without MAP_FIXED as a wish.
      if (key === "addr" && a.type === "mmap" && (a.flags & MAP_FIXED) === 0) return true;
      return this.sameValue(eventRole(a.type, key), callers, inA, inB);
    });
  }

  private sameStructs(a: Event, b: Event): boolean {
    if (a.type !== "ioctl" || b.type !== "ioctl") return true;
    if (a.in === undefined && a.arg !== b.arg) return false;
    if (a.in === null || b.in === null) return a.in === b.in;
    const callers = [callerOf(this.a, a), callerOf(this.b, b)] as const;
    const marks = MARKS.has(a.op);
    const same = sameKeys(a.in ?? {}, b.in ?? {}, (key, inA, inB) =>
      this.sameValue(structRole(key), callers, inA, inB, marks),
    );
    if (!same || a.mem?.length_bytes !== b.mem?.length_bytes) return false;
    return BUFFERS_OF_FDS.has(a.op) || isEqual(a.mem?.in, b.mem?.in);
  }

  private sameValue(
    role: FieldRole,
    callers: readonly [a: Caller, b: Caller],
    a: unknown,
    b: unknown,
    defines = false,
  ): boolean {
    const { references } = this;
    if (role === "ignored") return true;
    if (role === "value") return isEqual(a, b);
    if (a === undefined || b === undefined) return a === b;
    const machines = [this.a, this.b] as const;
    switch (role) {
      case "pid":
        return references.samePid(machines, a, b);
      case "fd":
        return references.sameFd(callers, a, b);
      case "fds":
        return sameLists(a, b, (one, other) => references.sameFd(callers, one, other));
      case "id":
        return references.sameId(callers, a, b);
      case "token":
        return references.sameToken(callers, a, b);
      case "hwpt_token":
        return references.sameHwptToken(a, b, defines);
      case "address":
        return references.sameAddress(callers, a, b);
      case "path":
        return references.samePath(machines, a, b);
    }
  }
}

function callerOf(machine: Machine, event: Event): Caller {
  const { pid, fd } = event as { pid?: number; fd?: number };
  return { machine, pid, fd };
}

function markedToken(event: Event): bigint | undefined {
  if (event.type !== "ioctl" || !MARKS.has(event.op)) return undefined;
  const token = event.in?.["hwpt_token"];
  return token === undefined ? undefined : BigInt(token);
}

function sameKeys(
  a: Fields,
  b: Fields,
  isSame: (key: string, a: unknown, b: unknown) => boolean,
): boolean {
  for (const key in a) if (!isSame(key, a[key], b[key])) return false;
  for (const key in b) if (!(key in a) && !isSame(key, undefined, b[key])) return false;
  return true;
}

function sameLists(a: unknown, b: unknown, isSame: (a: unknown, b: unknown) => boolean): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, index) => isSame(item, b[index]));
}

/** Equal values: scalars, bytes, and plain objects and lists of them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return false;
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return sameKeys(a as Fields, b as Fields, (_, inA, inB) => isEqual(inA, inB));
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
