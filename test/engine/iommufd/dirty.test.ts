/** Dirty tracking: what a mock device wrote comes back as bits of page table entries. */

import { beforeEach, describe, expect, test } from "vitest";
import { buffer, DIRTY_TRACKING, HUGE_PAGE_TABLE, MockVmm, words } from "./device-kernel.js";
import { BUFFER, PAGE, U64_MAX } from "./ioas-kernel.js";

const IOVA = 0x100_0000n;
const HALF = 0x800n;
const NO_CLEAR = 1;
const MAP_HUGETLB_SHARED_ANONYMOUS = 0x4_0021;

let vmm: MockVmm;
let hwpt: number;

beforeEach(() => {
  vmm = new MockVmm();
  hwpt = Number(vmm.allocHwpt({ dev_id: vmm.mock().idev, flags: DIRTY_TRACKING }));
});

function track(enable: boolean): unknown {
  const fields = { size: 16, flags: enable ? 1 : 0, hwpt_id: hwpt, __reserved: 0 };
  return vmm.iommufd.answer("IOMMU_HWPT_SET_DIRTY_TRACKING", fields);
}

/** The device writes at these multiples of `page_size` behind `iova`. */
function write(iova: bigint, pages: readonly number[], page_size = PAGE, length = 64n): unknown {
  const bitmap = new Uint8Array(Number(length / 8n));
  for (const page of pages) bitmap[page >> 3] = (bitmap[page >> 3] ?? 0) | (1 << (page & 7));
  const range = { iova, length: length * page_size, page_size, uptr: BUFFER };
  const fields = { size: 72, op: 13, id: hwpt, flags: 0, ...range, out_nr_dirty: 0n };
  const { errno, out } = vmm.iommufd.call("IOMMU_TEST_OP_DIRTY", fields, buffer("uptr", bitmap));
  return errno ?? out["out_nr_dirty"];
}

/** Numbers of the bits that come back set, or the errno. */
function read(fields: Record<string, number | bigint> = {}, bitmap = new Uint8Array(8)): unknown {
  const base = { size: 48, hwpt_id: hwpt, flags: 0, __reserved: 0, iova: IOVA, length: 64n * PAGE };
  const call = { ...base, page_size: PAGE, data: BUFFER, ...fields };
  const parts = buffer("data", bitmap);
  const { errno, mem_out } = vmm.iommufd.call("IOMMU_HWPT_GET_DIRTY_BITMAP", call, parts);
  return errno ?? bitsOf(mem_out ?? new Uint8Array(0));
}

function bitsOf(bitmap: Uint8Array): number[] {
  const bits: number[] = [];
  bitmap.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) bits.push(index * 8 + bit);
  });
  return bits;
}

describe("marks", () => {
  beforeEach(() => {
    vmm.iommufd.mapFixed(IOVA, 64n * PAGE);
    track(true);
  });

  test("are read once; the second read is clean", () => {
    expect(write(IOVA, [0, 5, 63])).toBe(3n);
    expect(read()).toEqual([0, 5, 63]);
    expect(read()).toEqual([]);
  });

  test("stay with NO_CLEAR", () => {
    write(IOVA, [7]);
    expect(read({ flags: NO_CLEAR })).toEqual([7]);
    expect(read()).toEqual([7]);
  });

  test("only ever set bits of the caller's bitmap", () => {
    write(IOVA, [1]);
    expect(read({}, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]))).toEqual([0, 1]);
  });

  test("go when tracking is turned on again, not when it is turned off", () => {
    write(IOVA, [1]);
    track(false);
    expect(read({ flags: NO_CLEAR })).toEqual([1]);
    track(true);
    expect(read()).toEqual([]);
  });

  test("go with the mapping", () => {
    write(IOVA, [1]);
    vmm.iommufd.unmap(IOVA, 64n * PAGE);
    vmm.iommufd.mapFixed(IOVA, 64n * PAGE);
    expect(read()).toEqual([]);
  });

  test("count where nothing is mapped, but leave nothing", () => {
    expect(write(IOVA + 64n * PAGE, [0])).toBe(1n);
    expect(read({ iova: IOVA + 64n * PAGE })).toEqual([]);
  });

  test("half a page dirties the whole entry", () => {
    expect(write(IOVA, [3], HALF)).toBe(1n);
    expect(read({ length: 4n * PAGE, page_size: HALF })).toEqual([2, 3]);
  });

  test("an entry that begins before the range is cleared without a bit", () => {
    write(IOVA, [0]);
    expect(read({ iova: IOVA + HALF, length: HALF, page_size: HALF })).toEqual([]);
    expect(read()).toEqual([]);
  });

  test("an entry that ends behind the range sets bits behind it", () => {
    write(IOVA, [0]);
    expect(read({ length: HALF, page_size: HALF })).toEqual([0, 1]);
  });

  test("coarser pages join entries", () => {
    write(IOVA, [0, 9]);
    expect(read({ page_size: 4n * PAGE })).toEqual([0, 2]);
  });

  test("behind a gap are not reached", () => {
    vmm.iommufd.mapFixed(IOVA + 65n * PAGE);
    write(IOVA + 65n * PAGE, [0]);
    write(IOVA, [63]);
    expect(read({ length: 128n * PAGE }, new Uint8Array(16))).toEqual([63]);
    expect(read({ iova: IOVA + 65n * PAGE, length: PAGE })).toEqual([0]);
  });
});

test("an area with a shifted offset has entries of half a page", () => {
  vmm.iommufd.mapFixed(IOVA, 4n * PAGE, { user_va: BUFFER + HALF });
  track(true);
  write(IOVA, [2], HALF);
  expect(read({ length: 4n * PAGE, page_size: HALF })).toEqual([2]);
});

test("huge pages make entries as large as the table allows", () => {
  const MIB = 0x10_0000n;
  const other = vmm.iommufd.allocIoas();
  const spec = { dev_id: 3, pt_id: other, flags: DIRTY_TRACKING };
  hwpt = Number(vmm.allocHwpt(spec, words(0, HUGE_PAGE_TABLE)));
  vmm.iommufd.kernel.mmap(BUFFER, 2n * MIB, { flags: MAP_HUGETLB_SHARED_ANONYMOUS });
  vmm.iommufd.mapFixed(IOVA, 2n * MIB, { ioas_id: other });
  track(true);
  write(IOVA, [300 % 64]);
  const bits = read({ length: 2n * MIB }, new Uint8Array(64)) as number[];
  expect(bits).toEqual(Array.from({ length: 256 }, (_, bit) => bit));
});

describe("refusals", () => {
  test.each([
    ["unknown flags", { flags: 2 }, "EOPNOTSUPP"],
    ["reserved bits", { __reserved: 1 }, "EOPNOTSUPP"],
    ["an unknown HWPT", { hwpt_id: 99, length: 0n }, "ENOENT"],
    ["an empty range", { length: 0n, iova: U64_MAX }, "EINVAL"],
    ["a range behind the end", { iova: U64_MAX, length: 2n }, "EOVERFLOW"],
    ["a range off the alignment", { iova: IOVA + 1n }, "EINVAL"],
    ["no page size", { page_size: 0n }, "EINVAL"],
    ["a range off the page size", { iova: IOVA + HALF }, "EINVAL"],
    ["a HWPT that does not track", { hwpt_id: 4 }, "EOPNOTSUPP"],
  ])("GET_DIRTY_BITMAP: %s", (_, fields, errno) => {
    expect(read(fields)).toBe(errno);
  });

  test("a range that is not mapped is no error", () => {
    expect(read()).toEqual([]);
  });

  test.each([
    ["unknown flags", { flags: 2, hwpt_id: 99 }, "EOPNOTSUPP"],
    ["an unknown HWPT", { hwpt_id: 99 }, "ENOENT"],
    ["a HWPT that does not track", { hwpt_id: 4 }, "EOPNOTSUPP"],
  ])("SET_DIRTY_TRACKING: %s", (_, fields, errno) => {
    const base = { size: 16, flags: 1, hwpt_id: hwpt, __reserved: 0 };
    const op = "IOMMU_HWPT_SET_DIRTY_TRACKING";
    expect(vmm.iommufd.answer(op, { ...base, ...fields })).toBe(errno);
  });

  test("a device that plays dirty needs tracking to be on", () => {
    expect(write(IOVA, [0])).toBe("EINVAL");
    track(true);
    expect(write(IOVA, [0])).toBe(1n);
    expect(write(IOVA + 1n, [0])).toBe("EINVAL");
  });
});
