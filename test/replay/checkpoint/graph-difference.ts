/** Holds two graphs of objects against each other, field by field. */

import { entriesOf } from "../../../src/replay/checkpoint/graph-path.js";

interface Pair {
  readonly one: object;
  readonly other: object;
  readonly place: string;
}

/**
 * The first place where two graphs differ: in a value, a class, or in what is the same object as
 * what; undefined where there is none. Objects in `shared` must be the very same in both.
 */
export function graphDifference(
  one: object,
  other: object,
  shared: ReadonlySet<object>,
): string | undefined {
  const partners = new Map<object, object>([[one, other]]);
  const taken = new Set<object>([other]);
  const queue: Pair[] = [{ one, other, place: "" }];
  for (const pair of queue) {
    if (Object.getPrototypeOf(pair.one) !== Object.getPrototypeOf(pair.other)) return pair.place;
    if (ArrayBuffer.isView(pair.one) && ArrayBuffer.isView(pair.other)) {
      if (!bytesOf(pair.one).equals(bytesOf(pair.other))) return pair.place;
      continue;
    }
    const left = [...entriesOf(pair.one)];
    const right = [...entriesOf(pair.other)];
    if (left.length !== right.length) return `${pair.place} (number of entries)`;
    for (const [index, [key, value]] of left.entries()) {
      const [otherKey, otherValue] = right[index] ?? [];
      const place = pair.place + key;
      if (key !== otherKey || typeof value !== typeof otherValue) return place;
      if (!isObject(value) || !isObject(otherValue)) {
        if (!Object.is(value, otherValue)) return place;
      } else if (shared.has(value)) {
        if (value !== otherValue) return place;
      } else if (partners.get(value) !== otherValue) {
        if (partners.has(value) || taken.has(otherValue)) return `${place} (identity)`;
        partners.set(value, otherValue);
        taken.add(otherValue);
        queue.push({ one: value, other: otherValue, place });
      }
    }
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
