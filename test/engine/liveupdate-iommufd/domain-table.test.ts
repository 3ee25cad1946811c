import { describe, expect, test } from "vitest";
import { DomainTable, type TableRun } from "../../../src/engine/liveupdate/domain-table.js";
import { FilePages } from "../../../src/engine/memory/file-pages.js";

const PAGE = 0x1000n;
const SERIALIZED = 100;

function tableOf(pages: FilePages, run: Partial<TableRun> = {}): DomainTable {
  pages.allocate(0n, 63n);
  const whole = { first: 0x10000n, last: 0x1ffffn, offset: 0n, preserved: true };
  const access = { readable: true, writable: true };
  return new DomainTable([{ ...whole, ...access, memory: pages, ...run }], SERIALIZED);
}

describe("a serialized table", () => {
  test("says which byte of which memory an IOVA maps", () => {
    const pages = new FilePages(1, PAGE, undefined);
    const table = tableOf(pages, { offset: 0x4000n });
    const page = table.pageAt(0x12345n);
    expect(page?.run.memory).toBe(pages);
    expect(page?.offset).toBe(0x6345n);
    expect(table.pageAt(0xffffn)).toBeUndefined();
    expect(table.pageAt(0x20000n)).toBeUndefined();
  });

  test("pins nothing: a page freed after it was written down is no longer the memory's", () => {
    const pages = new FilePages(1, PAGE, undefined);
    const table = tableOf(pages);
    expect(table.pageAt(0x12000n)?.freed_seq).toBeUndefined();
    pages.free(2n, 3n, 120);
    expect(table.pageAt(0x12fffn)?.freed_seq).toBe(120);
    expect(table.pageAt(0x11fffn)?.freed_seq).toBeUndefined();
    expect(table.freed()).toEqual([{ first: 0x12000n, last: 0x13fffn, freed_seq: 120 }]);
  });

  test("is not touched by what was freed before it was written down", () => {
    const pages = new FilePages(1, PAGE, undefined);
    pages.allocate(0n, 63n);
    pages.free(2n, 3n, SERIALIZED - 1);
    expect(tableOf(pages).pageAt(0x12000n)?.freed_seq).toBeUndefined();
  });

  test("cuts freed runs to the mapped range", () => {
    const pages = new FilePages(1, PAGE, undefined);
    const table = tableOf(pages, { offset: 0x2800n, last: 0x117ffn });
    pages.free(0n, 63n, 130);
    expect(table.freed()).toEqual([{ first: 0x10000n, last: 0x117ffn, freed_seq: 130 }]);
  });

  test("maps free memory after the jump where the memory was not handed over", () => {
    const table = tableOf(new FilePages(1, PAGE, undefined), { preserved: false });
    expect(table.pageAt(0x10000n)?.freed_seq).toBeUndefined();
    table.kexec_seq = 111;
    expect(table.pageAt(0x10000n)?.freed_seq).toBe(111);
    expect(table.freed()).toEqual([{ first: 0x10000n, last: 0x1ffffn, freed_seq: 111 }]);
  });
});
