/** How much a gap can take. */

import { larger } from "../bigint.js";
import { U64_MAX } from "../u64.js";
import { type GapQuery, gapBetween, Leaf, type TreeNode } from "./areas-node.js";
import type { Ranged } from "./areas-tree.js";

/**
 * The place the kernel picks inside the free range `first..last`: the first aligned address, or-ed
 * with the low bits, when `length` bytes follow. The address must lie strictly below `last`.
 *
 * @source __alloc_iova_check_range, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export function fitIn(first: bigint, last: bigint, query: GapQuery): bigint | undefined {
  const raised = first + query.alignment - 1n;
  if (raised > U64_MAX) return undefined;
  const at = (raised - (raised % query.alignment)) | query.low_bits;
  if (at >= last || last - at < query.length - 1n) return undefined;
  return at;
}

/**
 * Most bytes that any gap between the node's entries can take from an aligned address. The low bits
 * are left out: this is an upper bound that a search may use to pass a node by.
 */
export function roomIn<T extends Ranged>(node: TreeNode<T>, query: GapQuery): bigint {
  const known = node.room?.[query.alignment_shift];
  if (known !== undefined) return known;
  let most = 0n;
  for (let index = 0; index < node.length; index++) {
    const gap = gapBetween(node, index);
    if (gap !== undefined) most = larger(most, alignedRoom(gap.first, gap.last, query.alignment));
    if (node instanceof Leaf) continue;
    const child = node.children[index];
    if (child !== undefined) most = larger(most, roomIn(child, query));
  }
  node.room ??= [];
  node.room[query.alignment_shift] = most;
  return most;
}

function alignedRoom(first: bigint, last: bigint, alignment: bigint): bigint {
  // Most gaps are smaller than what the cache holds already; the cheap test comes first.
  const rest = first % alignment;
  const at = rest === 0n ? first : first + alignment - rest;
  return at > last ? 0n : last - at + 1n;
}
