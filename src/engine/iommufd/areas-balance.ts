/** Insertion and removal in the range tree: splits, merges, and the ends of the nodes. */

import { assert } from "../assert.js";
import {
  childIndex,
  Inner,
  keyIndex,
  keyOf,
  Leaf,
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
    insertAt(node.items, index, item);
    insertAt(node.keys, index, last_key);
    return node.items.length > MAX_ENTRIES ? splitLeaf(node, index) : undefined;
  }
  // An item behind the last entry goes into the last child.
  const at = Math.min(index, node.children.length - 1);
  const child = node.children[at];
  assert(child !== undefined, "an inner node has children");
  const right = insert(child, item, first_key, last_key);
  if (right !== undefined) {
    node.children.splice(at + 1, 0, right);
    node.refresh();
    return node.children.length > MAX_ENTRIES ? splitInner(node, at) : undefined;
  }
  // It is the child's highest range exactly when it lies behind all entries.
  if (index > at) node.keys[at] = last_key;
  // No range meets another, so equal keys are those of ends that rounding made equal.
  if (first_key < node.first_key || (first_key === node.first_key && item.first < node.first)) {
    node.first = item.first;
    node.first_key = first_key;
  }
  if (index > at) node.last = item.last;
  return undefined;
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
  const right = new Leaf<T>(leaf.items.splice(cutOf(leaf.items.length, inserted)));
  leaf.keys.length = leaf.items.length;
  right.next = leaf.next;
  leaf.next = right;
  return right;
}

function splitInner<T extends Ranged>(node: Inner<T>, inserted: number): Inner<T> {
  const right = new Inner<T>(node.children.splice(cutOf(node.children.length, inserted)));
  node.refresh();
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
    removeAt(node.items, index);
    removeAt(node.keys, index);
    return;
  }
  const child = node.children[index];
  assert(child !== undefined, "the range to remove lies in a child");
  // Rounding may make an inner end look like an outer one; then the ends are taken over in vain.
  const isEnd = node.keys[index] === last_key || node.first_key === first_key;
  remove(child, item, first_key, last_key);
  if (child.length < MIN_ENTRIES && node.children.length > 1) {
    mendChild(node, Math.max(0, index - 1));
    node.refresh();
  } else if (isEnd) {
    node.keys[index] = keyOf(child.last);
    node.refreshEnds();
  }
}

/** Joins children `at` and `at + 1`, or evens them out where the join would be too large. */
function mendChild<T extends Ranged>(node: Inner<T>, at: number): void {
  const left = node.children[at];
  const right = node.children[at + 1];
  assert(left !== undefined && right !== undefined, "a node with two children has neighbours");
  const total = left.length + right.length;
  const cut = total > MAX_ENTRIES ? total >> 1 : total;
  if (left instanceof Leaf && right instanceof Leaf) {
    const items = left.items.concat(right.items);
    const keys = left.keys.concat(right.keys);
    right.items = items.splice(cut);
    right.keys = keys.splice(cut);
    left.items = items;
    left.keys = keys;
    left.room = undefined;
    right.room = undefined;
    if (right.items.length === 0) left.next = right.next;
  } else {
    assert(left instanceof Inner && right instanceof Inner, "neighbours have the same depth");
    const children = left.children.concat(right.children);
    right.children = children.splice(cut);
    left.children = children;
    left.refresh();
    right.refresh();
  }
  if (right.length === 0) node.children.splice(at + 1, 1);
}
