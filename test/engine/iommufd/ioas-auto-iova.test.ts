/** Which IOVA the kernel chooses by itself. */

import { describe, expect, test } from "vitest";
import { BUFFER, FIXED, iommufd, PAGE, RW, U64_MAX } from "./ioas-kernel.js";

const pages = (count: number) => BigInt(count) * PAGE;

describe("an empty IOAS", () => {
  test("single pages follow each other from the second page on", () => {
    const fd = iommufd();
    expect([1, 2, 3].map(() => fd.map({ length: PAGE }))).toEqual([0x1000n, 0x2000n, 0x3000n]);
  });

  test.each([
    {
      what: "three pages take the alignment of four",
      user_va: BUFFER,
      length: 0x3000n,
      iova: 0x4000n,
    },
    {
      what: "a half page keeps its offset",
      user_va: 0x7f00_0000_1800n,
      length: 0x800n,
      iova: 0x1800n,
    },
    {
      what: "an odd address is an odd place",
      user_va: 0x7f00_0000_1801n,
      length: 0x800n,
      iova: 0x1801n,
    },
    {
      what: "2 MiB and more are aligned to 2 MiB",
      user_va: BUFFER,
      length: 0x100_0000n,
      iova: 0x20_0000n,
    },
    {
      what: "a badly aligned address makes do with less",
      user_va: BUFFER + PAGE,
      length: 0x100_0000n,
      iova: 0x1000n,
    },
    { what: "half the space is too much", user_va: 0n, length: U64_MAX / 2n, iova: "EOVERFLOW" },
  ])("$what", ({ user_va, length, iova }) => {
    expect(iommufd().map({ user_va, length })).toBe(iova);
  });

  test("offset 0 of a file is aligned to anything", () => {
    const fd = iommufd();
    const memfd = fd.kernel.memfd(0x100_0000n);
    expect(fd.mapFile({ fd: memfd, start: 0n, length: 1n })).toBe(0x1000n);
    expect(fd.mapFile({ fd: memfd, start: 0n, length: 0x100_0000n })).toBe(0x20_0000n);
  });

  test("low bits are or-ed in, so the offset in the page may differ", () => {
    const fd = iommufd();
    expect(fd.mapFixed(0x1000n, 0x800n)).toBe(0x1000n);
    expect(fd.map({ user_va: 0x7f00_0000_1400n, length: 0x400n })).toBe(0x1c00n);
  });

  test("ten mappings of one to ten pages", () => {
    const fd = iommufd();
    const chosen = Array.from({ length: 10 }, (_, index) =>
      fd.map({ user_va: 1n << 31n, length: pages(index + 1) }),
    );
    const expected = [0x1, 0x2, 0x4, 0x8, 0x10, 0x18, 0x20, 0x28, 0x30, 0x40];
    expect(chosen).toEqual(expected.map((page) => pages(page)));
  });
});

describe("with a mock domain", () => {
  test.each([
    { user_va: BUFFER, length: PAGE, iova: 0x100_0000n },
    { user_va: 0x7f00_0000_0800n, length: 0x800n, iova: 0x100_0800n },
    { user_va: 0x7f00_0000_0400n, length: 0x800n, iova: "EINVAL" },
  ])("$length bytes at $user_va", ({ user_va, length, iova }) => {
    const fd = iommufd();
    fd.mockDomain();
    expect(fd.map({ user_va, length })).toBe(iova);
  });

  test("ten mappings of one to ten pages begin at the aperture", () => {
    const fd = iommufd();
    fd.mockDomain();
    const chosen = Array.from({ length: 10 }, (_, index) => fd.map({ length: pages(index + 1) }));
    const expected = [0x0, 0x2, 0x4, 0x8, 0x10, 0x18, 0x20, 0x28, 0x30, 0x40];
    expect(chosen).toEqual(expected.map((page) => 0x100_0000n + pages(page)));
  });
});

describe("reserved and allowed ranges", () => {
  test("the choice goes round a hole such as the MSI window", () => {
    const fd = iommufd();
    const reserve = { op: 1, id: 1, start: 0xfee0_0000n, length: 0x10_0000n };
    expect(fd.test("ADD_RESERVED", reserve)).toBe(0);
    fd.mapFixed(0x20_0000n, 0xbfe0_0000n);
    expect(fd.map({ length: 1n << 30n })).toBe(0xff00_0000n);
  });

  test("the alignment step must not wrap round the end of the space", () => {
    const fd = iommufd();
    const reserve = { op: 1, id: 1, start: 6n, length: 0xffff_ffff_ffff_8001n };
    expect(fd.test("ADD_RESERVED", reserve)).toBe(0);
    expect(fd.map({ length: 0x5000n })).toBe("ENOSPC");
  });

  test("the choice stays inside the allowed ranges; ranges that touch are one", () => {
    const fd = iommufd();
    expect(
      fd.allow([
        [0x1_0000n, 0x1_1fffn],
        [0x1_2000n, 0x1_3fffn],
        [0x8000n, 0x8fffn],
      ]),
    ).toBe(0);
    expect(fd.map({ length: pages(4) })).toBe(0x1_0000n);
    expect(fd.map({ length: PAGE })).toBe(0x8000n);
    expect(fd.map({ length: PAGE })).toBe("ENOSPC");
    expect(fd.map({ flags: RW | FIXED, iova: 0x5000n })).toBe(0x5000n);
  });

  test("the last page of the space is never chosen", () => {
    const fd = iommufd();
    expect(fd.allow([[U64_MAX - 2n * PAGE + 1n, U64_MAX]])).toBe(0);
    // A place must lie strictly below the end of its gap, and the last page does not count.
    expect(fd.map({ length: PAGE })).toBe(U64_MAX - 2n * PAGE + 1n);
    expect(fd.map({ length: PAGE })).toBe("ENOSPC");
  });
});
