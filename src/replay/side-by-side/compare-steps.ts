/** What two profiles make of one event, held against each other. */

import type { StructValues } from "../../engine/abi/layout.js";
import type { Outcome } from "../../engine/call/outcome.js";
import type { Transition } from "../../engine/transition.js";

/** True when both predict the same answer, byte by byte. What is adopted does not count. */
export function sameAnswer(a: Outcome, b: Outcome): boolean {
  if (a.judgement !== b.judgement || a.errno !== b.errno) return false;
  if (a.judgement === "predicted" && !sameRet(a, b)) return false;
  return (
    sameFields(a, b) &&
    sameBytes(a.out_tail, b.out_tail) &&
    sameBytes(a.mem_out, b.mem_out) &&
    sameBytes(a.data, b.data) &&
    sameClaims(a.claims, b.claims)
  );
}

/** Names of outputs that two successful answers have with different values. */
export function differingOutputs(a: Outcome, b: Outcome): string[] {
  const names = [...namesOf(a.out, b.out)].filter((name) => !sameField(a, b, name));
  const claims = [...namesOf(a.claims, b.claims)].filter(
    (name) => a.claims[name] !== b.claims[name],
  );
  if (!sameBytes(a.mem_out, b.mem_out)) names.push("buffer");
  if (!sameBytes(a.data, b.data)) names.push("data");
  return [...names, ...claims];
}

/**
 * True when the event changed the same things. The objects are each machine's own; what tells the
 * changes apart is their kind and their plain values.
 */
export function sameChanges(a: readonly Transition[], b: readonly Transition[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, index) => {
    const other = b[index];
    return other !== undefined && sameChange(one, other);
  });
}

function sameChange(a: Transition, b: Transition): boolean {
  if (a.kind !== b.kind) return false;
  const others = b as unknown as Readonly<Record<string, unknown>>;
  return Object.entries(a).every(
    ([name, value]) => typeof value === "object" || value === others[name],
  );
}

function sameRet(a: Outcome, b: Outcome): boolean {
  if (a.ret === b.ret || a.adopted.includes("ret") || b.adopted.includes("ret")) return true;
  return BigInt(a.ret) === BigInt(b.ret);
}

function sameFields(a: Outcome, b: Outcome): boolean {
  for (const name in a.out) if (!sameField(a, b, name)) return false;
  for (const name in b.out) if (!sameField(a, b, name)) return false;
  return true;
}

function sameField(a: Outcome, b: Outcome, name: string): boolean {
  return a.out[name] === b.out[name] || a.adopted.includes(name) || b.adopted.includes(name);
}

function sameClaims(a: Outcome["claims"], b: Outcome["claims"]): boolean {
  for (const name in a) if (a[name] !== b[name]) return false;
  for (const name in b) if (a[name] !== b[name]) return false;
  return true;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}

function namesOf(a: StructValues | Outcome["claims"], b: typeof a): Set<string> {
  return new Set([...Object.keys(a), ...Object.keys(b)]);
}
