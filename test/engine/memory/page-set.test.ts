import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PageSet } from "../../../src/engine/memory/page-set.js";

const PAGES = 40;

describe("a set of pages", () => {
  test("is what a set of numbers would be", () => {
    const step = fc.record({
      add: fc.boolean(),
      first: fc.integer({ min: 0, max: PAGES - 1 }),
      count: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const model = new Set<number>();
        const pages = new PageSet();
        for (const { add, first, count } of steps) {
          for (let page = first; page < first + count; page++) {
            if (add) model.add(page);
            else model.delete(page);
          }
          const last = BigInt(first + count - 1);
          if (add) pages.add(BigInt(first), last);
          else pages.remove(BigInt(first), last);
        }
        expect(pages.count).toBe(BigInt(model.size));
        for (let page = 0; page < PAGES + 12; page++) {
          expect(pages.has(BigInt(page))).toBe(model.has(page));
        }
        const next = [...model].sort((a, b) => a - b).find((page) => page >= 7);
        expect(pages.nextIn(7n)).toBe(next === undefined ? undefined : BigInt(next));
        let hole = 7;
        while (model.has(hole)) hole++;
        expect(pages.nextOut(7n)).toBe(BigInt(hole));
      }),
    );
  });

  test("tells which of the removed pages it had", () => {
    const pages = new PageSet();
    pages.add(2n, 4n);
    pages.add(8n, 9n);
    expect(pages.remove(3n, 8n)).toEqual([
      { first: 3n, last: 4n },
      { first: 8n, last: 8n },
    ]);
    expect(pages.count).toBe(2n);
  });
});
