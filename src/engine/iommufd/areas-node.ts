/** The nodes of the range tree, and what can be read from a single node. */

import type { Ranged } from "./areas-tree.js";

/** Most entries of a node. Small enough to move cheaply, large enough to keep the tree flat. */
export const MAX_ENTRIES = 32;
/** Fewest entries of a node that is not the root. */
export const MIN_ENTRIES = 8;

/** What a gap must take: `length` bytes at a multiple of `alignment`, with `low_bits` or-ed in. */
export interface GapQuery {
  readonly length: bigint;
  /** A power of two. */
  readonly alignment: bigint;
  /** Its exponent. */
  readonly alignment_shift: number;
  readonly low_bits: bigint;
}

/** Most aligned bytes that a gap of the node can take, by alignment shift. */
type RoomCache = (bigint | undefined)[];

/**
 * The end of an entry as a double: rounding keeps the order, so two keys that differ tell which end
 * is lower. Only ends with equal keys need their exact values.
 */
export function keyOf(last: bigint): number {
  return Number(last);
}

export class Leaf<T extends Ranged> {
  /** The next leaf in order. */
  next: Leaf<T> | undefined;
  room: RoomCache | undefined;

  /** @param firsts Keys of the items' first addresses, @param keys of their last ones. */
  constructor(
    public items: T[] = [],
    public firsts: number[] = [],
    public keys: number[] = [],
  ) {}

  get length(): number {
    return this.items.length;
  }

  get first(): bigint {
    return this.items[0]?.first ?? 0n;
  }

  get last(): bigint {
    return this.items[this.items.length - 1]?.last ?? 0n;
  }
}

export class Inner<T extends Ranged> {
  room: RoomCache | undefined;
  /** The keys of the children's last addresses. */
  keys: number[];

  constructor(public children: TreeNode<T>[]) {
    this.keys = children.map(lastKey);
  }

  get length(): number {
    return this.children.length;
  }

  /** The outer ends are asked for rarely, so they are looked up and not kept. */
  get first(): bigint {
    return this.children[0]?.first ?? 0n;
  }

  get last(): bigint {
    return this.children[this.children.length - 1]?.last ?? 0n;
  }
}

/** Key of the last address under a node that is not empty. */
export function lastKey<T extends Ranged>({ keys }: TreeNode<T>): number {
  return keys[keys.length - 1] as number;
}

export type TreeNode<T extends Ranged> = Leaf<T> | Inner<T>;

/** Items of a leaf, children of an inner node: both have `first` and `last`. */
export function entriesOf<T extends Ranged>(node: TreeNode<T>): readonly Ranged[] {
  return node instanceof Leaf ? node.items : node.children;
}

/** Index of the first entry that ends at or after `at`; the number of entries when none does. */
export function childIndex<T extends Ranged>(
  node: TreeNode<T>,
  at: bigint,
  key: number = keyOf(at),
): number {
  let low = keyIndex(node, key);
  if (key <= Number.MAX_SAFE_INTEGER || node.keys[low] !== key) return low;
  const entries = entriesOf(node);
  for (let entry = entries[low]; entry !== undefined && entry.last < at; entry = entries[low]) {
    low++;
  }
  return low;
}

/**
 * The same for an address up to Number.MAX_SAFE_INTEGER: its key is exact, and so is the key of any
 * end that it is equal to.
 */
export function keyIndex<T extends Ranged>(node: TreeNode<T>, key: number): number {
  const { keys } = node;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The gap right before entry `index`, inside the node; undefined where two entries abut. */
export function gapBetween<T extends Ranged>(
  node: TreeNode<T>,
  index: number,
): { first: bigint; last: bigint } | undefined {
  const entries = entriesOf(node);
  const before = entries[index - 1];
  const after = entries[index];
  if (before === undefined || after === undefined) return undefined;
  const first = before.last + 1n;
  return first < after.first ? { first, last: after.first - 1n } : undefined;
}
