/**
 * A B+ tree of non-overlapping ranges `first..last` of u64, ascending. It knows its free gaps: a
 * search for the lowest gap that takes `length` aligned bytes goes straight to it.
 *
 * Insert, remove and look-up cost O(log n). A gap search costs O(log n) too: every node caches, per
 * alignment that was asked for, the most aligned bytes any of its gaps can take; a change drops the
 * caches on its path only.
 */

import { assert } from "../assert.js";
import { larger, smaller } from "../bigint.js";
import { U64_MAX } from "../u64.js";
import { insertInLeaf, insertInto, removeFrom, removeFromLeaf } from "./areas-balance.js";
import { fitIn, roomIn } from "./areas-gap.js";
import {
  childIndex,
  type GapQuery,
  gapBetween,
  Inner,
  keyIndex,
  keyOf,
  Leaf,
  MAX_ENTRIES,
  MIN_ENTRIES,
  type TreeNode,
} from "./areas-node.js";

export type { GapQuery } from "./areas-node.js";

/** What the tree keeps: an interval of u64, both ends included. */
export interface Ranged {
  readonly first: bigint;
  readonly last: bigint;
}

export class RangeTree<T extends Ranged> {
  private root: TreeNode<T> = new Leaf<T>();
  private _size = 0;
  /** Where the last `seek` ended, until the tree changes. */
  private sought: Leaf<T> | undefined;
  private sought_index = 0;
  /** A gap was searched for, so nodes may cache their room: every change must go past them. */
  private caches_room = false;

  get size(): number {
    return this._size;
  }

  /** Lowest and highest range, or undefined when the tree is empty. */
  get lowest(): T | undefined {
    return this.atOrAfter(0n);
  }

  /**
   * Adds a range that meets no other. Whoever has the keys of its ends at hand saves making them.
   */
  insert(item: T, first_key = keyOf(item.first), last_key = keyOf(item.last)): void {
    this.sought = undefined;
    this.root = insertInto(this.root, item, first_key, last_key);
    this._size++;
  }

  /** Removes a range that is in the tree. */
  remove(item: T, first_key = keyOf(item.first), last_key = keyOf(item.last)): void {
    this.sought = undefined;
    this.root = removeFrom(this.root, item, first_key, last_key);
    this._size--;
  }

  clear(): void {
    this.sought = undefined;
    this.root = new Leaf<T>();
    this._size = 0;
  }

  /** The range that holds `at`. */
  find(at: bigint): T | undefined {
    const item = this.atOrAfter(at);
    return item !== undefined && item.first <= at ? item : undefined;
  }

  /** The lowest range that ends at or after `at`. */
  atOrAfter(at: bigint): T | undefined {
    const key = keyOf(at);
    let node = this.root;
    while (node instanceof Inner) {
      const child: TreeNode<T> | undefined = node.children[childIndex(node, at, key)];
      if (child === undefined) return undefined;
      node = child;
    }
    return node.items[childIndex(node, at, key)];
  }

  /** The lowest range that ends at or after `key`, which is at most Number.MAX_SAFE_INTEGER. */
  atOrAfterKey(key: number): T | undefined {
    let node = this.root;
    while (node instanceof Inner) {
      const child: TreeNode<T> | undefined = node.children[keyIndex(node, key)];
      if (child === undefined) return undefined;
      node = child;
    }
    return node.items[keyIndex(node, key)];
  }

  /**
   * Like atOrAfterKey, but gives the key of the range's first address, and Infinity where there is
   * no range. The place is kept for `here`, `insertHere` and `removeHere`.
   */
  seek(key: number): number {
    let node = this.root;
    while (node instanceof Inner) {
      const { children } = node;
      // Behind the last entry of all, the search ends behind the last item of the last leaf.
      const index = Math.min(keyIndex(node, key), children.length - 1);
      node = children[index] as TreeNode<T>;
    }
    const index = keyIndex(node, key);
    this.sought = node;
    this.sought_index = index;
    return index < node.firsts.length ? (node.firsts[index] as number) : Number.POSITIVE_INFINITY;
  }

  /** Key of the last address of the range that was sought; NaN where there is none. */
  lastKeyHere(): number {
    return this.sought?.keys[this.sought_index] ?? Number.NaN;
  }

  /** The range that was sought. */
  here(): T | undefined {
    return this.sought?.items[this.sought_index];
  }

  /** Adds a range right before the one that was sought; it ends before that one starts. */
  insertHere(item: T, first_key: number, last_key: number): void {
    const { sought, sought_index } = this;
    assert(sought !== undefined, "the place was sought, and the tree is as it was");
    // The last address of a leaf is known above it as well; a full one must be split.
    const inside = sought_index < sought.items.length;
    if (!inside || this.caches_room || sought.items.length >= MAX_ENTRIES) {
      this.insert(item, first_key, last_key);
      return;
    }
    this.sought = undefined;
    insertInLeaf(sought, sought_index, item, first_key, last_key);
    this._size++;
  }

  /** Removes the range that was sought. */
  removeHere(item: T, first_key: number, last_key: number): void {
    const { sought, sought_index } = this;
    assert(sought?.items[sought_index] === item, "the range was sought, and the tree is as it was");
    const inside = sought_index + 1 < sought.items.length;
    if (!inside || this.caches_room || sought.items.length <= MIN_ENTRIES) {
      this.remove(item, first_key, last_key);
      return;
    }
    this.sought = undefined;
    removeFromLeaf(sought, sought_index);
    this._size--;
  }

  /** True when a range intersects `first..last`. */
  meets(first: bigint, last: bigint): boolean {
    const item = this.atOrAfter(first);
    return item !== undefined && item.first <= last;
  }

  /** Ranges that intersect `first..last`, ascending: the same as `overlapping`, taken at once. */
  listOverlapping(first: bigint, last: bigint): T[] {
    const found: T[] = [];
    const start = position(this.root, first);
    if (start === undefined) return found;
    let index = start.index;
    for (let leaf: Leaf<T> | undefined = start.leaf; leaf !== undefined; leaf = leaf.next) {
      for (; index < leaf.items.length; index++) {
        const item = leaf.items[index];
        if (item === undefined || item.first > last) return found;
        found.push(item);
      }
      index = 0;
    }
    return found;
  }

  /** Ranges that intersect `first..last`, ascending. The tree must not change meanwhile. */
  *overlapping(first: bigint, last: bigint): Generator<T, undefined> {
    const start = position(this.root, first);
    if (start === undefined) return;
    let index = start.index;
    for (let leaf: Leaf<T> | undefined = start.leaf; leaf !== undefined; leaf = leaf.next) {
      for (; index < leaf.items.length; index++) {
        const item = leaf.items[index];
        if (item === undefined || item.first > last) return;
        yield item;
      }
      index = 0;
    }
  }

  /** The parts of `first..last` that no range covers, ascending. */
  gapsIn(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    const gaps: { first: bigint; last: bigint }[] = [];
    let at = first;
    for (const item of this.listOverlapping(first, last)) {
      if (item.first > at) gaps.push({ first: at, last: item.first - 1n });
      at = item.last + 1n;
    }
    if (at <= last) gaps.push({ first: at, last });
    return gaps;
  }

  /** All ranges, ascending. The tree must not change meanwhile. */
  [Symbol.iterator](): Generator<T, undefined> {
    return this.overlapping(0n, U64_MAX);
  }

  /** The lowest place inside `first..last` that is free and fits; see `fitIn`. */
  findGap(first: bigint, last: bigint, query: GapQuery): bigint | undefined {
    const { root } = this;
    this.caches_room = true;
    if (this._size === 0) return fitIn(first, last, query);
    if (first < root.first) {
      const end = smaller(root.first - 1n, last);
      const found = fitIn(first, end, query);
      if (found !== undefined) return found;
    }
    const inside = searchGap(root, first, last, query);
    if (inside !== undefined || root.last >= last) return inside;
    return fitIn(larger(root.last + 1n, first), last, query);
  }

  /** The levels of the tree, root first; for tests of its shape. */
  levels(): readonly (readonly TreeNode<T>[])[] {
    const levels: TreeNode<T>[][] = [];
    for (let level: TreeNode<T>[] = [this.root]; level.length > 0; ) {
      levels.push(level);
      level = level.flatMap((node) => (node instanceof Leaf ? [] : node.children));
    }
    return levels;
  }
}

/** Where the lowest range that ends at or after `at` stands. */
function position<T extends Ranged>(
  root: TreeNode<T>,
  at: bigint,
): { leaf: Leaf<T>; index: number } | undefined {
  const key = keyOf(at);
  let node = root;
  while (node instanceof Inner) {
    const child: TreeNode<T> | undefined = node.children[childIndex(node, at, key)];
    if (child === undefined) return undefined;
    node = child;
  }
  const index = childIndex(node, at, key);
  return index < node.items.length ? { leaf: node, index } : undefined;
}

/** The first gap between the entries of `node` that fits, clipped to `first..last`. */
function searchGap<T extends Ranged>(
  node: TreeNode<T>,
  first: bigint,
  last: bigint,
  query: GapQuery,
): bigint | undefined {
  if (node.last < first || node.first > last || roomIn(node, query) < query.length) {
    return undefined;
  }
  const from = childIndex(node, first);
  for (let index = from; index < node.length; index++) {
    const gap = gapBetween(node, index);
    if (gap !== undefined) {
      if (gap.first > last) return undefined;
      const start = larger(gap.first, first);
      const end = smaller(gap.last, last);
      const found = start > end ? undefined : fitIn(start, end, query);
      if (found !== undefined) return found;
    }
    if (node instanceof Leaf) continue;
    const child = node.children[index];
    const found = child === undefined ? undefined : searchGap(child, first, last, query);
    if (found !== undefined) return found;
  }
  return undefined;
}
