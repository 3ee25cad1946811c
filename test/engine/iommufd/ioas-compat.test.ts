/** The ioctls of old VFIO users, served by an IOAS. */

import { describe, expect, test } from "vitest";
import { BUFFER, type Iommufd, iommufd, PAGE } from "./ioas-kernel.js";

const GET = 0;
const SET = 1;
const CLEAR = 2;
const TYPE1 = 1n;
const TYPE1V2 = 3n;

function compatIoas(fd: Iommufd, op: number, ioas_id = 0): unknown {
  const outcome = fd.call("IOMMU_VFIO_IOAS", { size: 12, ioas_id, op, __reserved: 0 });
  return outcome.errno ?? outcome.out["ioas_id"] ?? 0;
}

/** An iommufd whose IOAS 1 is the compat IOAS. */
function compat(type = TYPE1V2): Iommufd {
  const fd = iommufd();
  compatIoas(fd, SET, 1);
  fd.answer("VFIO_SET_IOMMU", {}, { arg: type });
  return fd;
}

function map(fd: Iommufd, iova: bigint, size: bigint, flags = 3): unknown {
  return fd.answer("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags, vaddr: BUFFER, iova, size });
}

/** [errno or 0, what `size` says afterwards]. */
function unmap(fd: Iommufd, iova: bigint, size: bigint, flags = 0): unknown[] {
  const outcome = fd.call("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags, iova, size });
  return [outcome.errno ?? 0, outcome.out["size"]];
}

const areasOf = (fd: Iommufd) => [...fd.ioas().areas].map(({ first, last }) => [first, last]);

describe("the compat IOAS", () => {
  test("is set, asked for, cleared, and forgotten with its IOAS", () => {
    const fd = iommufd();
    expect(compatIoas(fd, GET)).toBe("ENODEV");
    expect(compatIoas(fd, SET, 9)).toBe("ENOENT");
    expect(compatIoas(fd, SET, 1)).toBe(0);
    expect(compatIoas(fd, GET)).toBe(1);
    expect(compatIoas(fd, CLEAR)).toBe(0);
    expect(compatIoas(fd, GET)).toBe("ENODEV");
    compatIoas(fd, SET, 1);
    fd.call("IOMMU_DESTROY", { size: 8, id: 1 });
    expect(compatIoas(fd, GET)).toBe("ENODEV");
    expect(compatIoas(fd, 3)).toBe("EOPNOTSUPP");
  });

  test("size and flags are looked at before it", () => {
    const fd = iommufd();
    const fields = { vaddr: BUFFER, iova: 0n, size: PAGE };
    expect(fd.answer("VFIO_IOMMU_MAP_DMA", { argsz: 31, flags: 0, ...fields })).toBe("EINVAL");
    expect(fd.answer("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 4, ...fields })).toBe("EINVAL");
    expect(map(fd, 0n, PAGE)).toBe("ENODEV");
    expect(fd.answer("VFIO_SET_IOMMU", {}, { arg: TYPE1 })).toBe("ENODEV");
    expect(fd.answer("VFIO_SET_IOMMU", {}, { arg: 8n })).toBe("EINVAL");
  });

  test.each([
    { arg: 1n, answer: 1 },
    { arg: 2n, answer: 0 },
    { arg: 3n, answer: 1 },
    { arg: 4n, answer: 1 },
    { arg: 9n, answer: 1 },
  ])("extension $arg: $answer", ({ arg, answer }) => {
    expect(compat().answer("VFIO_CHECK_EXTENSION", {}, { arg })).toBe(answer);
  });
});

describe("mapping", () => {
  test("without rights works until a domain comes", () => {
    const fd = compat();
    expect(map(fd, 0x100_0000n, PAGE, 0)).toBe(0);
    expect(fd.test("MOCK_DOMAIN", { op: 2, id: 1 })).toBe("EINVAL");
    expect(unmap(fd, 0x100_0000n, PAGE)).toEqual([0, PAGE]);
    fd.mockDomain();
    expect(map(fd, 0x100_0000n, PAGE, 0)).toBe("EINVAL");
    expect(map(fd, 0x100_0000n, PAGE)).toBe(0);
    expect(map(fd, 0x100_0000n, PAGE)).toBe("EEXIST");
  });
});

describe("unmapping", () => {
  test("an empty range is no error; size tells what went, also on failure", () => {
    const fd = compat();
    map(fd, 0x1000n, PAGE);
    map(fd, 0x2000n, 2n * PAGE);
    expect(unmap(fd, 0x10_0000n, PAGE)).toEqual([0, 0n]);
    expect(unmap(fd, 0x1000n, 0n)).toEqual(["EINVAL", 0n]);
    expect(unmap(fd, 0x1000n, 0xffff_ffff_ffff_f001n)).toEqual(["EOVERFLOW", 0n]);
    expect(unmap(fd, 0x1000n, 2n * PAGE)).toEqual(["ENOENT", PAGE]);
    expect(areasOf(fd)).toEqual([[0x2000n, 0x3fffn]]);
    expect(unmap(fd, 0x1000n, PAGE, 2)).toEqual(["EINVAL", undefined]);
    expect(unmap(fd, 0n, 0n, 2)).toEqual([0, 2n * PAGE]);
  });

  test("type 1 cuts areas at both ends, type 1 v2 does not", () => {
    const v2 = compat(TYPE1V2);
    map(v2, 0x1000n, 4n * PAGE);
    expect(unmap(v2, 0x2000n, PAGE)).toEqual(["ENOENT", 0n]);
    const v1 = compat(TYPE1);
    v1.mockDomain();
    v1.kernel.mmap(BUFFER, 4n * PAGE);
    map(v1, 0x100_0000n, 4n * PAGE);
    expect(unmap(v1, 0x100_1000n, PAGE)).toEqual([0, PAGE]);
    expect(areasOf(v1)).toEqual([
      [0x100_0000n, 0x100_0fffn],
      [0x100_2000n, 0x100_3fffn],
    ]);
    expect(v1.checkRefs(BUFFER, 1)).toBe(0);
    expect(v1.checkRefs(BUFFER + PAGE, 0)).toBe(0);
    expect(v1.checkRefs(BUFFER + 2n * PAGE, 1, 2n * PAGE)).toBe(0);
  });

  test("a cut off page borders is refused, but the first of two cuts stays", () => {
    const fd = compat(TYPE1);
    map(fd, 0x1000n, 4n * PAGE);
    expect(unmap(fd, 0x2000n, PAGE + 1n)).toEqual(["EINVAL", undefined]);
    expect(unmap(fd, 0x1800n, 0x1800n)).toEqual(["EINVAL", undefined]);
    expect(areasOf(fd)).toEqual([
      [0x1000n, 0x2fffn],
      [0x3000n, 0x4fffn],
    ]);
  });
});

describe("VFIO_IOMMU_GET_INFO", () => {
  function info(fd: Iommufd, argsz: number) {
    const tail = new Uint8Array(Math.max(0, argsz - 24)).fill(0xaa);
    const fields = { argsz, flags: 0, iova_pgsizes: 0n, cap_offset: 0, pad: 0 };
    const outcome = fd.call("VFIO_IOMMU_GET_INFO", fields, argsz > 24 ? { tail } : {});
    return { ...outcome.out, errno: outcome.errno, tail: outcome.out_tail };
  }

  test("page sizes below the page count as the page", () => {
    const fd = compat();
    expect(info(fd, 15).errno).toBe("EINVAL");
    expect(info(fd, 24)).toMatchObject({ argsz: 72, flags: 3, cap_offset: 0 });
    expect(info(fd, 24)).toMatchObject({ iova_pgsizes: 0xffff_ffff_ffff_f000n });
    fd.mockDomain();
    expect(info(fd, 24)).toMatchObject({ iova_pgsizes: 0x1f_ffff_f000n });
  });

  test("capabilities are written as far as they fit; padding keeps the caller's bytes", () => {
    const fd = compat();
    fd.mockDomain();
    const view = (argsz: number) => Buffer.from(info(fd, argsz).tail ?? []).toString("hex");
    const avail = "0300010000000000ffffffff";
    const linked = "0300010028000000ffffffff";
    const a = (bytes: number) => "aa".repeat(bytes);
    expect(view(35)).toBe(a(11));
    expect(view(36)).toBe(avail);
    expect(view(40)).toBe(linked + a(4));
    expect(view(71)).toBe(linked + a(35));
    const header = "01000100000000000100000000000000";
    const range = "0000000100000000ffffff7f00000000";
    expect(view(72)).toBe(linked + a(4) + header + range);
    expect(view(80)).toBe(linked + a(4) + header + range + a(8));
    expect(info(fd, 72)).toMatchObject({ cap_offset: 24 });
  });
});
