/** The area structure against a list that does everything the slow way. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitIn } from "../../../src/engine/iommufd/areas-gap.js";
import {
  entriesOf,
  type GapQuery,
  Leaf,
  MAX_ENTRIES,
  MIN_ENTRIES,
} from "../../../src/engine/iommufd/areas-node.js";
import { type Ranged, RangeTree } from "../../../src/engine/iommufd/areas-tree.js";
import { U64_MAX } from "../../../src/engine/u64.js";

/** What the tree promises, done by walking. */
class NaiveRanges {
  items: Ranged[] = [];

  meets(first: bigint, last: bigint): boolean {
    return this.items.some((item) => item.first <= last && first <= item.last);
  }

  insert(item: Ranged): void {
    this.items.push(item);
    this.items.sort((a, b) => (a.first < b.first ? -1 : 1));
  }

  findGap(first: bigint, last: bigint, query: GapQuery): bigint | undefined {
    let at = first;
    for (const item of [...this.items, { first: last + 1n, last: last + 1n }]) {
      if (item.last < first) continue;
      const end = item.first - 1n < last ? item.first - 1n : last;
      const found = at <= end ? fitIn(at, end, query) : undefined;
      if (found !== undefined) return found;
      if (item.last + 1n > at) at = item.last + 1n;
    }
    return undefined;
  }
}

function query(length: bigint, shift: number, low_bits = 0n): GapQuery {
  return { length, alignment: 1n << BigInt(shift), alignment_shift: shift, low_bits };
}

/** Every node is full enough, every leaf has the same depth, ends and order are right. */
function expectSound(tree: RangeTree<Ranged>): void {
  const levels = tree.levels();
  const leaves = levels[levels.length - 1] ?? [];
  levels.forEach((level, depth) => {
    for (const node of level) {
      expect(node instanceof Leaf).toBe(depth === levels.length - 1);
      expect(node.length).toBeLessThanOrEqual(MAX_ENTRIES);
      if (depth > 0) expect(node.length).toBeGreaterThanOrEqual(MIN_ENTRIES);
      else if (!(node instanceof Leaf)) expect(node.length).toBeGreaterThan(1);
      const entries = entriesOf(node);
      expect(node.first).toBe(entries[0]?.first ?? 0n);
      expect(node.last).toBe(entries[entries.length - 1]?.last ?? 0n);
    }
  });
  leaves.forEach((leaf, index) => {
    if (leaf instanceof Leaf) expect(leaf.next).toBe(leaves[index + 1]);
  });
  const all = [...tree];
  expect(all.length).toBe(tree.size);
  for (let index = 1; index < all.length; index++) {
    expect((all[index - 1]?.last ?? 0n) < (all[index]?.first ?? 0n)).toBe(true);
  }
}

const PAGE = 0x1000n;

/** Steps on a small space, so that ranges meet often and trees still grow three levels deep. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("insert"),
      page: fc.nat(4000),
      pages: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("remove"), page: fc.nat(4000), pages: fc.constant(0) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("gap"),
      page: fc.nat(4000),
      pages: fc.integer({ min: 1, max: 12 }),
    }),
  },
);

describe("the area tree", () => {
  test("agrees with a naive list after any history of inserts, removals and searches", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 2500, size: "max" }),
        fc.integer({ min: 12, max: 16 }),
        (steps, shift) => {
          const tree = new RangeTree<Ranged>();
          const naive = new NaiveRanges();
          for (const { do: what, page, pages } of steps) {
            const first = BigInt(page) * PAGE;
            const last = first + BigInt(pages) * PAGE - 1n;
            if (what === "insert") {
              expect(tree.meets(first, last)).toBe(naive.meets(first, last));
              if (naive.meets(first, last)) continue;
              const item = { first, last };
              tree.insert(item);
              naive.insert(item);
            } else if (what === "remove") {
              const item = naive.items.find((other) => other.last >= first);
              expect(tree.atOrAfter(first)).toBe(item);
              if (item === undefined) continue;
              tree.remove(item);
              naive.items.splice(naive.items.indexOf(item), 1);
            } else {
              const wanted = query(BigInt(pages) * PAGE, shift);
              const end = first + 0x80_0000n;
              expect(tree.findGap(first, end, wanted)).toBe(naive.findGap(first, end, wanted));
            }
          }
          expect([...tree]).toEqual(naive.items);
          expectSound(tree);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("stays sound while it is filled in order and emptied from ends and middle", () => {
    const tree = new RangeTree<Ranged>();
    const items = Array.from({ length: 3000 }, (_, index) => {
      const first = BigInt(index) * 2n * PAGE;
      return { first, last: first + PAGE - 1n };
    });
    for (const item of items) tree.insert(item);
    expectSound(tree);
    const order = [
      ...items.slice(0, 900),
      ...items.slice(2100).reverse(),
      ...items.slice(900, 2100),
    ];
    order.forEach((item, index) => {
      tree.remove(item);
      if (index % 100 === 0) expectSound(tree);
    });
    expect(tree.size).toBe(0);
    expect(tree.atOrAfter(0n)).toBeUndefined();
  });

  test("holds both ends of the 64-bit space", () => {
    const tree = new RangeTree<Ranged>();
    const low = { first: 0n, last: 0n };
    const high = { first: U64_MAX, last: U64_MAX };
    tree.insert(high);
    tree.insert(low);
    expect(tree.find(0n)).toBe(low);
    expect(tree.find(U64_MAX)).toBe(high);
    expect(tree.find(1n)).toBeUndefined();
    expect([...tree.overlapping(1n, U64_MAX - 1n)]).toEqual([]);
    expect(tree.findGap(0n, U64_MAX, query(U64_MAX - 1n, 0))).toBe(1n);
    expect(tree.findGap(0n, U64_MAX, query(U64_MAX, 0))).toBeUndefined();
  });

  test("a search passes gaps that are long enough but lie badly", () => {
    const tree = new RangeTree<Ranged>();
    // Each area ends one page behind a multiple of four pages: the gap behind it has three pages.
    for (let index = 0n; index < 2000n; index++) {
      const first = index * 4n * PAGE;
      tree.insert({ first, last: first + PAGE - 1n });
    }
    const aligned = query(3n * PAGE, 14);
    expect(tree.findGap(0n, 2000n * 4n * PAGE - 1n, aligned)).toBeUndefined();
    expect(tree.findGap(0n, U64_MAX, aligned)).toBe(2000n * 4n * PAGE);
    expect(tree.findGap(0n, U64_MAX, query(3n * PAGE, 12))).toBe(PAGE);
    const gone = tree.find(1234n * 4n * PAGE);
    if (gone !== undefined) tree.remove(gone);
    expect(tree.findGap(0n, U64_MAX, aligned)).toBe(1234n * 4n * PAGE);
    // A window that begins inside the gap cuts the aligned place off.
    expect(tree.findGap(1234n * 4n * PAGE + 1n, U64_MAX, aligned)).toBe(2000n * 4n * PAGE);
  });
});
