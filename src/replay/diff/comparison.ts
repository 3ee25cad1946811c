import type { StateObject, StateValue } from "../state/state-value.js";
import type { Difference } from "./difference.js";
import type { Pairs } from "./pairs.js";
import { type StateView, textOf, valueText } from "./state-view.js";
import { titleOf } from "./titles.js";

/** Two states with what is known about which thing is which. */
export interface Comparison {
  readonly a: StateView;
  readonly b: StateView;
  readonly pairs: Pairs;
}

/** A thing of either state: with its partner, or without. */
export type Paired =
  | readonly [a: StateObject, b: StateObject]
  | readonly [a: StateObject, b: undefined]
  | readonly [a: undefined, b: StateObject];

/** Things of a section, those of the first state first. */
export function pairedEntries({ a, b, pairs }: Comparison, section: string): Paired[] {
  const found: Paired[] = [];
  for (const entry of a.entries(section)) {
    const partner = b.find(pairs.ofA(textOf(entry, "name") ?? "") ?? "");
    found.push(partner === undefined ? [entry, undefined] : [entry, partner]);
  }
  for (const entry of b.entries(section)) {
    if (pairs.ofB(textOf(entry, "name") ?? "") === undefined) found.push([undefined, entry]);
  }
  return found;
}

/** Only one state has the thing. */
export function presence(kind: Difference["kind"], object: string, inA: boolean): Difference {
  return {
    kind,
    object,
    field: "presence",
    a: inA ? "present" : null,
    b: inA ? null : "present",
    message: `${object} only in ${inA ? "A" : "B"}`,
  };
}

/** A field with the words for it, and for its values. */
export interface FieldWords {
  readonly field: string;
  readonly words: string;
  /** How a value reads, and all of it that counts; default: as it is. */
  readonly value?: (value: StateValue | undefined) => string | null;
}

/** How a flag reads that is absent where it is not set. */
export function flagText(value: StateValue | undefined): string {
  return value === undefined || value === false ? "no" : "yes";
}

/** The fields in which two partners differ. */
export function fieldDifferences(
  comparison: Comparison,
  kind: Difference["kind"],
  object: string,
  [a, b]: readonly [StateObject, StateObject],
  fields: readonly FieldWords[],
): Difference[] {
  const found: Difference[] = [];
  for (const { field, words, value } of fields) {
    if (isSame(comparison, a[field], b[field])) continue;
    if (value !== undefined && value(a[field]) === value(b[field])) continue;
    const show = value ?? valueText;
    const [inA, inB] = [show(named(comparison.a, a[field])), show(named(comparison.b, b[field]))];
    const message = `${object}: ${words} ${inA ?? "none"} in A, ${inB ?? "none"} in B`;
    found.push({ kind, object, field, a: inA, b: inB, message });
  }
  return found;
}

/** Equal, or names of things that are partners. */
export function isSame(
  { a, pairs }: Comparison,
  inA: StateValue | undefined,
  inB: StateValue | undefined,
): boolean {
  if (typeof inA === "string" && typeof inB === "string" && a.find(inA) !== undefined) {
    return pairs.has(inA, inB);
  }
  return valueText(inA) === valueText(inB);
}

/** The title of a thing where the value is its name. */
function named(view: StateView, value: StateValue | undefined): StateValue | undefined {
  return typeof value === "string" ? titleOf(view, value) : value;
}
