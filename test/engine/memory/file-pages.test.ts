import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilePages } from "../../../src/engine/memory/file-pages.js";

const PAGES = 24;
const PAGE = 4096;

const run = fc
  .tuple(fc.integer({ min: 0, max: PAGES - 1 }), fc.integer({ min: 1, max: 8 }))
  .map(([first, count]) => ({ first, last: Math.min(PAGES - 1, first + count - 1) }));
const step = fc.record({ fill: fc.boolean(), run });
const bytes = fc.record({
  at: fc.integer({ min: 0, max: PAGES * PAGE }),
  length: fc.integer({ min: 0, max: 3 * PAGE }),
});

/** All that can be read from the pages of a file. */
function describePages(pages: FilePages) {
  const all = [0n, BigInt(2 * PAGES)] as const;
  return {
    present: pages.present.within(...all),
    data: pages.uptodate.within(...all),
    contents: [...pages.contents.runs()],
  };
}

describe("the pages of a file", () => {
  test("know by which event each of them was freed last", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), run, fc.nat(20), (steps, asked, since) => {
        const pages = new FilePages(1, BigInt(PAGE), undefined);
        const present = new Set<number>();
        const freed = new Map<number, number>();
        for (const [seq, { fill, run }] of steps.entries()) {
          if (fill) pages.fill(BigInt(run.first), BigInt(run.last));
          else pages.free(BigInt(run.first), BigInt(run.last), seq);
          for (let page = run.first; page <= run.last; page++) {
            if (fill) present.add(page);
            else if (present.delete(page)) freed.set(page, seq);
          }
        }
        for (let page = 0; page < PAGES; page++) {
          expect(pages.freedSeq(BigInt(page * PAGE) + 7n)).toBe(freed.get(page));
        }
        const { first, last } = asked;
        const touched = [...freed].filter(([page]) => page >= first && page <= last);
        const lost = touched.some(([, seq]) => seq >= since);
        const length = (last - first + 1) * PAGE - 10;
        expect(pages.hasFreedSince(first * PAGE + 5, length, since)).toBe(lost);
        const told = pages.freedSince(BigInt(first * PAGE), BigInt(last * PAGE), since);
        const later = touched.filter(([, seq]) => seq > since);
        expect(told.length > 0).toBe(later.length > 0);
        for (const [page, seq] of later) {
          const holder = told.find((run) => run.first_page <= page && run.last_page >= page);
          expect(holder?.freed_seq).toBe(seq);
        }
      }),
    );
  });

  test.each([PAGE, 2 ** 21])("of %d bytes take stores that nobody knows, both ways", (unit) => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 12 }), fc.boolean(), (stores, untracked) => {
        const exact = new FilePages(1, BigInt(unit), undefined);
        const plain = new FilePages(1, BigInt(unit), undefined);
        for (const pages of [exact, plain]) {
          pages.store(100n, 9000n, new Uint8Array(9000).fill(7));
          pages.untracked = untracked;
        }
        for (const { at, length } of stores) {
          exact.store(BigInt(at), BigInt(length), undefined);
          plain.storeUnknown(at, length);
        }
        expect(describePages(plain)).toEqual(describePages(exact));
      }),
    );
  });
});
