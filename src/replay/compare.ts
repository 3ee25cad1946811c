/** Prediction against record: where they differ, field by field. */

import type { FieldValue, StructValues } from "../engine/abi/layout.js";
import type { Outcome } from "../engine/call/outcome.js";
import type { Event, IoctlEvent } from "../engine/event/index.js";

/** One difference between what the model predicted and what the kernel answered. */
export interface Divergence {
  readonly seq: number;
  readonly op: string;
  readonly field: string;
  readonly predicted: string;
  readonly observed: string;
  /** The check of the model that decided, where it says. */
  readonly decided_by?: string | undefined;
}

/** The operation's name: the uapi name of an ioctl, else the event type. */
export function opOf(event: Event): string {
  return event.type === "ioctl" ? event.op : event.type;
}

/** All differences of one call; empty when the prediction holds or nothing was recorded. */
export function compareOutcome(event: Event, outcome: Outcome): readonly Divergence[] {
  const observedRet = (event as { ret?: unknown }).ret ?? (event as { address?: unknown }).address;
  if (outcome.judgement !== "predicted" || observedRet === undefined) {
    return joined(NONE, compareData(event, outcome), compareClaims(event, outcome));
  }
  let found: Divergence[] | undefined;
  const report = (field: string, predicted: unknown, observed: unknown): void => {
    found ??= [];
    found.push({
      seq: event.seq,
      op: opOf(event),
      field,
      predicted: show(predicted),
      observed: show(observed),
      decided_by: outcome.decided_by,
    });
  };
  const observedErrno = (event as { errno?: string }).errno;
  if (outcome.errno !== observedErrno) report("errno", outcome.errno, observedErrno);
  else if (!outcome.adopted.includes("ret") && !sameNumber(outcome.ret, observedRet)) {
    report("ret", outcome.ret, observedRet);
  }
  if (event.type === "ioctl") compareStruct(event, outcome, report);
  return joined(found ?? NONE, compareData(event, outcome), compareClaims(event, outcome));
}

const NONE: readonly Divergence[] = [];

/** Nearly always all three are empty; then nothing is allocated. */
function joined(
  one: readonly Divergence[],
  two: readonly Divergence[],
  three: readonly Divergence[],
): readonly Divergence[] {
  return one.length + two.length + three.length === 0 ? NONE : [...one, ...two, ...three];
}

/** Bytes a call returned, or a program found, against those the model states. */
function compareData(event: Event, outcome: Outcome): readonly Divergence[] {
  const { data } = event as { data?: Uint8Array };
  if (outcome.judgement !== "predicted" || outcome.data === undefined || data === undefined) {
    return NONE;
  }
  if (sameBytes(outcome.data, data)) return NONE;
  return [
    {
      seq: event.seq,
      op: opOf(event),
      field: "data",
      predicted: show(outcome.data),
      observed: show(data),
      decided_by: outcome.decided_by,
    },
  ];
}

function compareClaims(event: Event, outcome: Outcome): readonly Divergence[] {
  let found: Divergence[] | undefined;
  const recorded = event as unknown as Record<string, unknown>;
  for (const field in outcome.claims) {
    const predicted = outcome.claims[field];
    const observed = recorded[field];
    if (observed === undefined || observed === predicted) continue;
    found ??= [];
    found.push({
      seq: event.seq,
      op: opOf(event),
      field,
      predicted: show(predicted),
      observed: show(observed),
      decided_by: outcome.decided_by,
    });
  }
  return found ?? NONE;
}

function compareStruct(
  event: IoctlEvent,
  outcome: Outcome,
  report: (field: string, predicted: unknown, observed: unknown) => void,
): void {
  const before: StructValues = event.in ?? NO_FIELDS;
  const observedOut: StructValues = event.out ?? NO_FIELDS;
  const { out } = outcome;
  for (const name in out) compareField(name);
  for (const name in observedOut) if (out[name] === undefined) compareField(name);
  compareBytes(event, outcome, report);

  function compareField(name: string): void {
    // A field beyond the size the caller gave is not written back.
    const known: FieldValue | undefined = before[name] ?? observedOut[name];
    if (known === undefined || outcome.adopted.includes(name)) return;
    const predicted = out[name] ?? before[name];
    const observed = observedOut[name] ?? before[name];
    if (predicted !== observed) report(name, predicted, observed);
  }
}

const NO_FIELDS: StructValues = {};

/** Bytes behind the struct, and those of the buffer it points to. */
function compareBytes(
  event: IoctlEvent,
  outcome: Outcome,
  report: (field: string, predicted: unknown, observed: unknown) => void,
): void {
  const tail = event.out_tail ?? event.tail;
  const predictedTail = outcome.out_tail ?? event.tail;
  if (tail !== undefined && predictedTail !== undefined && !sameBytes(tail, predictedTail)) {
    if (!outcome.adopted.includes("tail")) report("tail", predictedTail, tail);
  }
  const mem = event.mem;
  if (mem === undefined || mem.out === null || mem.in === null) return;
  const predictedMem = outcome.mem_out ?? mem.in;
  if (outcome.adopted.includes(mem.field)) return;
  if (!sameBytes(predictedMem.subarray(0, mem.out.length), mem.out)) {
    report(mem.field, predictedMem, mem.out);
  }
}

function sameNumber(a: number | bigint, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b;
  return typeof b === "number" || typeof b === "bigint" ? BigInt(a) === BigInt(b) : false;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const SHOWN_BYTES = 64;

function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const shown = Buffer.from(value.subarray(0, SHOWN_BYTES)).toString("hex");
    return value.length > SHOWN_BYTES ? `${shown}… (${value.length} bytes)` : shown;
  }
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (value === undefined) return "none";
  return String(value);
}
