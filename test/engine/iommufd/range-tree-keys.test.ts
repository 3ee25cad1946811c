/** Ends that no double tells apart are still told apart. */

import { expect, test } from "vitest";
import { RangeTree } from "../../../src/engine/iommufd/areas-tree.js";

/** Doubles are 2048 apart here. */
const BASE = 0xffff_ffff_0000_0000n;
const COUNT = 3000;

test("single bytes side by side at the top of the address space", () => {
  const tree = new RangeTree<{ first: bigint; last: bigint }>();
  const items = Array.from({ length: COUNT }, (_, index) => {
    const at = BASE + BigInt(index) * 2n;
    return { first: at, last: at };
  });
  expect(Number(items[0]?.last)).toBe(Number(items[200]?.last));
  // 7 is prime to the count, so that every item comes once, out of order.
  const order = items
    .map((_, index) => items[(index * 7) % COUNT])
    .filter((item) => item !== undefined);
  for (const item of order) tree.insert(item);
  expect([...tree]).toEqual(items);
  for (const item of items) {
    expect(tree.find(item.first)).toBe(item);
    expect(tree.find(item.first + 1n)).toBeUndefined();
    expect(tree.meets(item.last + 1n, item.last + 1n)).toBe(false);
    expect(tree.listOverlapping(item.first, item.first + 2n)).toHaveLength(
      item === items.at(-1) ? 1 : 2,
    );
  }
  for (const item of order) tree.remove(item);
  expect(tree.size).toBe(0);
  expect([...tree]).toEqual([]);
});
