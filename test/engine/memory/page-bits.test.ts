import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PageBits } from "../../../src/engine/memory/page-bits.js";
import { CHUNK_PAGES } from "../../../src/engine/memory/page-chunk.js";

const CHUNKS = 5;
const PAGES = CHUNKS * CHUNK_PAGES;
/** Where the pages of a test lie: at the start, and at the end of what u64 bytes can hold. */
const BASES = [0, 2 ** 52 - PAGES];

/** Pages close to the borders of chunks and words, and any others. */
const page = fc.oneof(
  fc.integer({ min: 0, max: PAGES - 1 }),
  fc
    .record({
      border: fc.integer({ min: 0, max: PAGES / 32 }),
      step: fc.integer({ min: -1, max: 1 }),
    })
    .map(({ border, step }) => Math.min(PAGES - 1, Math.max(0, border * 32 + step))),
  fc
    .record({ border: fc.integer({ min: 0, max: CHUNKS }), step: fc.integer({ min: -1, max: 1 }) })
    .map(({ border, step }) => Math.min(PAGES - 1, Math.max(0, border * CHUNK_PAGES + step))),
);
const range = fc
  .tuple(page, page)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const step = fc.record({ add: fc.boolean(), range });

function runsOf(model: Uint8Array, first: number, last: number, base: number) {
  const runs: { first: number; last: number }[] = [];
  for (let at = first; at <= last; at++) {
    const before = runs[runs.length - 1];
    if (model[at] === 0) continue;
    if (before !== undefined && before.last === base + at - 1) before.last = base + at;
    else runs.push({ first: base + at, last: base + at });
  }
  return runs;
}

describe("a set of page numbers", () => {
  test.each(BASES)("is what an array of flags would be, from page %d on", (base) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), range, (steps, asked) => {
        const model = new Uint8Array(PAGES);
        const pages = new PageBits();
        for (const { add, range } of steps) {
          model.fill(add ? 1 : 0, range.first, range.last + 1);
          if (add) pages.add(base + range.first, base + range.last);
          else pages.remove(base + range.first, base + range.last);
        }
        const { first, last } = asked;
        const within = model.subarray(first, last + 1);
        for (const set of [pages, pages.clone()]) {
          expect(set.count).toBe(model.reduce((sum, flag) => sum + flag, 0));
          expect(set.within(base + first, base + last)).toEqual(runsOf(model, first, last, base));
          expect(set.meets(base + first, base + last)).toBe(within.includes(1));
          expect(set.covers(base + first, base + last)).toBe(!within.includes(0));
          expect(set.has(base + first)).toBe(model[first] === 1);
          const next = model.indexOf(1, first);
          expect(set.nextIn(base + first)).toBe(next < 0 ? undefined : base + next);
          const out = model.indexOf(0, first);
          expect(set.nextOut(base + first)).toBe(base + (out < 0 ? PAGES : out));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("takes ranges of any length at once", () => {
    const pages = new PageBits();
    pages.add(5, 2 ** 51);
    pages.remove(2 ** 40, 2 ** 50);
    expect(pages.within(0, 2 ** 52)).toEqual([
      { first: 5, last: 2 ** 40 - 1 },
      { first: 2 ** 50 + 1, last: 2 ** 51 },
    ]);
    expect(pages.count).toBe(2 ** 51 - 5 + 1 - (2 ** 50 - 2 ** 40 + 1));
  });

  test("that was cleared is as good as a new one", () => {
    const pages = new PageBits();
    pages.add(1, 3 * CHUNK_PAGES);
    pages.add(9 * CHUNK_PAGES, 9 * CHUNK_PAGES + 5);
    pages.clear();
    expect([pages.count, pages.within(0, 2 ** 52), pages.has(2)]).toEqual([0, [], false]);
    pages.add(9 * CHUNK_PAGES + 2, 9 * CHUNK_PAGES + 2);
    expect(pages.within(0, 2 ** 52)).toEqual([
      { first: 9 * CHUNK_PAGES + 2, last: 9 * CHUNK_PAGES + 2 },
    ]);
  });

  test("that is copied does not change with the copy", () => {
    const pages = new PageBits();
    pages.add(1, 3);
    const copy = pages.clone();
    copy.remove(2, 2);
    expect(pages.within(0, 9)).toEqual([{ first: 1, last: 3 }]);
  });
});
