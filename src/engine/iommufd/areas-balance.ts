/** Insertion and removal in the range tree: splits, merges, and the ends of the nodes. */

import { assert } from "../assert.js";
import {
  childIndex,
  Inner,
  keyIndex,
  Leaf,
  lastKey,
  MAX_ENTRIES,
  MIN_ENTRIES,
  type TreeNode,
} from "./areas-node.js";
import type { Ranged } from "./areas-tree.js";

/**
 * Inserts `item` and returns the root, which is a new one when the old one was full.
 *
 * @param first_key Key of its first address, @param last_key of its last.
 */
export function insertInto<T extends Ranged>(
  root: TreeNode<T>,
  item: T,
  first_key: number,
  last_key: number,
): TreeNode<T> {
  const right = insert(root, item, first_key, last_key);
  return right === undefined ? root : new Inner<T>([root, right]);
}

/** Removes `item` and returns the root, which is the only child when one is left. */
export function removeFrom<T extends Ranged>(
  root: TreeNode<T>,
  item: T,
  first_key: number,
  last_key: number,
): TreeNode<T> {
  remove(root, item, first_key, last_key);
  if (root instanceof Inner && root.children.length === 1) {
    const [child] = root.children;
    assert(child !== undefined, "the only child is there");
    return child;
  }
  return root;
}

/** Array.splice makes an array of what it removes; these do not. */
function insertAt<E>(array: E[], index: number, entry: E): void {
  array.push(entry);
  for (let at = array.length - 1; at > index; at--) array[at] = array[at - 1] as E;
  array[index] = entry;
}

function removeAt<E>(array: E[], index: number): void {
  for (let at = index + 1; at < array.length; at++) array[at - 1] = array[at] as E;
  array.pop();
}

/**
 * Returns the new right neighbour when the node had to be split.
 *
 * @param first_key Key of the item's first address, @param last_key of its last.
 */
function insert<T extends Ranged>(
  node: TreeNode<T>,
  item: T,
  first_key: number,
  last_key: number,
): TreeNode<T> | undefined {
  const index = placeOf(node, item, first_key);
  node.room = undefined;
  if (node instanceof Leaf) {
    insertInLeaf(node, index, item, first_key, last_key);
    return node.items.length > MAX_ENTRIES ? splitLeaf(node, index) : undefined;
  }
  // An item behind the last entry goes into the last child.
  const at = Math.min(index, node.children.length - 1);
  const child = node.children[at];
  assert(child !== undefined, "an inner node has children");
  const right = insert(child, item, first_key, last_key);
  // It is the child's highest range exactly when it lies behind all entries.
  if (index > at) node.keys[at] = last_key;
  if (right === undefined) return undefined;
  node.children.splice(at + 1, 0, right);
  node.keys.splice(at, 1, lastKey(child), lastKey(right));
  return node.children.length > MAX_ENTRIES ? splitInner(node, at) : undefined;
}

/** Puts an item into a leaf, which may grow too large by it. */
export function insertInLeaf<T extends Ranged>(
  leaf: Leaf<T>,
  index: number,
  item: T,
  first_key: number,
  last_key: number,
): void {
  insertAt(leaf.items, index, item);
  insertAt(leaf.firsts, index, first_key);
  insertAt(leaf.keys, index, last_key);
}

/** Takes an item out of a leaf, which may become too small by it. */
export function removeFromLeaf<T extends Ranged>(leaf: Leaf<T>, index: number): void {
  removeAt(leaf.items, index);
  removeAt(leaf.firsts, index);
  removeAt(leaf.keys, index);
}

/** childIndex for an item; its exact address is asked for only where its key does not do. */
function placeOf<T extends Ranged>(node: TreeNode<T>, item: T, first_key: number): number {
  return first_key <= Number.MAX_SAFE_INTEGER
    ? keyIndex(node, first_key)
    : childIndex(node, item.first, first_key);
}

/** Where to cut a full node: ascending insertion leaves full nodes behind. */
function cutOf(length: number, inserted: number): number {
  return inserted >= length - 2 ? length - MIN_ENTRIES : length >> 1;
}

function splitLeaf<T extends Ranged>(leaf: Leaf<T>, inserted: number): Leaf<T> {
  const cut = cutOf(leaf.items.length, inserted);
  const right = new Leaf<T>(leaf.items.splice(cut), leaf.firsts.splice(cut), leaf.keys.splice(cut));
  right.next = leaf.next;
  leaf.next = right;
  return right;
}

function splitInner<T extends Ranged>(node: Inner<T>, inserted: number): Inner<T> {
  const right = new Inner<T>(node.children.splice(cutOf(node.children.length, inserted)));
  node.keys.length = node.children.length;
  return right;
}

function remove<T extends Ranged>(
  node: TreeNode<T>,
  item: T,
  first_key: number,
  last_key: number,
): void {
  const index = placeOf(node, item, first_key);
  node.room = undefined;
  if (node instanceof Leaf) {
    assert(node.items[index] === item, "the range to remove is in the tree");
    removeFromLeaf(node, index);
    return;
  }
  const child = node.children[index];
  assert(child !== undefined, "the range to remove lies in a child");
  remove(child, item, first_key, last_key);
  if (child.length < MIN_ENTRIES && node.children.length > 1) {
    mendChild(node, Math.max(0, index - 1));
  } else if (node.keys[index] === last_key && child.length > 0) {
    // Rounding may make an inner end look like the last one: then it is taken over in vain.
    node.keys[index] = lastKey(child);
  }
}

/** Joins children `at` and `at + 1`, or evens them out where the join would be too large. */
function mendChild<T extends Ranged>(node: Inner<T>, at: number): void {
  const left = node.children[at];
  const right = node.children[at + 1];
  assert(left !== undefined && right !== undefined, "a node with two children has neighbours");
  const total = left.length + right.length;
  const cut = total > MAX_ENTRIES ? total >> 1 : total;
  left.room = undefined;
  right.room = undefined;
  const keys = left.keys.concat(right.keys);
  if (left instanceof Leaf && right instanceof Leaf) {
    const items = left.items.concat(right.items);
    const firsts = left.firsts.concat(right.firsts);
    right.items = items.splice(cut);
    right.firsts = firsts.splice(cut);
    left.items = items;
    left.firsts = firsts;
    if (right.items.length === 0) left.next = right.next;
  } else {
    assert(left instanceof Inner && right instanceof Inner, "neighbours have the same depth");
    const children = left.children.concat(right.children);
    right.children = children.splice(cut);
    left.children = children;
  }
  right.keys = keys.splice(cut);
  left.keys = keys;
  node.keys[at] = lastKey(left);
  if (right.length > 0) node.keys[at + 1] = lastKey(right);
  else {
    node.children.splice(at + 1, 1);
    node.keys.splice(at + 1, 1);
  }
}
