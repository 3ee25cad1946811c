/**
 * Values of a state document: plain JSON, except that long lists (the areas of an IOAS) are made
 * while they are read, so that a state with a million areas can be hashed without holding them.
 */

/** A list whose items are made when it is iterated; it can be iterated again and again. */
export class LazyList<Item extends StateValue = StateValue> implements Iterable<Item> {
  constructor(readonly items: () => Iterable<Item>) {}

  [Symbol.iterator](): Iterator<Item> {
    return this.items()[Symbol.iterator]();
  }
}

export interface StateObject {
  readonly [key: string]: StateValue | undefined;
}

export type StateValue =
  | string
  | number
  | boolean
  | null
  | LazyList
  | readonly StateValue[]
  | StateObject;

export function isList(value: StateValue): value is LazyList | readonly StateValue[] {
  return Array.isArray(value) || value instanceof LazyList;
}

/** The same value as plain JSON; costs memory for every item of every lazy list. */
export function toPlain(value: StateValue): StateValue {
  if (isList(value)) return Array.from(value, toPlain);
  if (typeof value !== "object" || value === null) return value;
  const plain: Record<string, StateValue> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) plain[key] = toPlain(entry);
  }
  return plain;
}
