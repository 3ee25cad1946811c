/** Of several reasons to refuse, the first in the kernel's order is answered. */

import { describe, expect, test } from "vitest";
import { BUFFER, FIXED, iommufd, PAGE, RW, U64_MAX, WRITEABLE } from "./ioas-kernel.js";

describe("IOAS_MAP", () => {
  const wrong = { flags: RW | FIXED, ioas_id: 9, user_va: U64_MAX, length: 0n, iova: 1n };

  test.each([
    { fields: { ...wrong, flags: 8, iova: U64_MAX }, errno: "EOPNOTSUPP", why: "unknown flag" },
    { fields: { ...wrong, flags: 0, __reserved: 1 }, errno: "EOPNOTSUPP", why: "reserved word" },
    { fields: { ...wrong, flags: 0, iova: U64_MAX }, errno: "EOVERFLOW", why: "IOVA of all ones" },
    { fields: { ...wrong, flags: FIXED }, errno: "EINVAL", why: "neither R nor W" },
    { fields: wrong, errno: "ENOENT", why: "no such IOAS" },
    { fields: { ...wrong, ioas_id: 1, length: 1n }, errno: "EOVERFLOW", why: "end of memory" },
    { fields: { ...wrong, ioas_id: 1 }, errno: "EINVAL", why: "length 0" },
    {
      fields: { ...wrong, ioas_id: 1, user_va: 0n, length: U64_MAX - 1n },
      errno: "EINVAL",
      why: "absurd",
    },
  ])("$errno: $why", ({ fields, errno }) => {
    expect(iommufd().map(fields)).toBe(errno);
  });

  test("an IOVA of all ones is refused even when the kernel chooses", () => {
    expect(iommufd().map({ iova: U64_MAX })).toBe("EOVERFLOW");
  });

  test.each([
    { iova: 0x100_0400n, length: 0x400n, errno: "EINVAL", why: "length before the place" },
    { iova: 0x100_0400n, length: 0x800n, errno: "EINVAL", why: "IOVA" },
    { iova: U64_MAX - 0x7ffn, length: 0x1000n, errno: "EOVERFLOW", why: "end of the space" },
    { iova: 0xff_f800n, length: 0x1000n, errno: "EINVAL", why: "reserved before taken" },
    { iova: 0x100_0800n, length: 0x800n, errno: "EEXIST", why: "taken" },
    { iova: 0x200_0000n, length: 0x800n, user_va: 0x400n, errno: "EINVAL", why: "page offset" },
    { iova: 0x200_0000n, length: 0x800n, user_va: 0n, errno: "EFAULT", why: "memory comes last" },
  ])("with a mock domain $errno: $why", ({ iova, length, user_va = 0x400n, errno }) => {
    const fd = iommufd();
    fd.mockDomain();
    fd.mapFixed(0x100_0000n, 0x2000n);
    expect(fd.mapFixed(iova, length, { user_va })).toBe(errno);
  });

  test("without a domain nobody looks at the memory", () => {
    const fd = iommufd();
    expect(fd.map({ user_va: 0n })).toBe(0x1000n);
    expect(fd.map({ user_va: 0xffff_ffff_ffff_e000n })).toBe(0x2000n);
    expect(fd.mapFile({ fd: 77 })).toBe("EBADF");
    fd.kernel.apply({ type: "open", pid: fd.pid, path: "/dev/null", flags: 2, ret: 9 });
    expect(fd.mapFile({ fd: 9 })).toBe(0x3000n);
  });
});

describe("memory a domain needs", () => {
  test("a file that is no memfd, and a range past the end of one", () => {
    const fd = iommufd();
    fd.mockDomain();
    fd.kernel.apply({ type: "open", pid: fd.pid, path: "/dev/null", flags: 2, ret: 9 });
    expect(fd.mapFile({ fd: 9 })).toBe("EINVAL");
    const memfd = fd.kernel.memfd(2n * PAGE + 1n);
    expect(fd.mapFile({ fd: memfd, length: 2n * PAGE })).toBe(0x100_0000n);
    // The third page is there, but not wholly.
    expect(fd.mapFile({ fd: memfd, start: 2n * PAGE })).toBe("EINVAL");
  });

  test("the last page of the 64-bit space overflows instead of faulting", () => {
    const fd = iommufd();
    const last = 0xffff_ffff_ffff_f000n;
    expect(fd.map({ user_va: last, length: 0x800n })).toBe(0x1000n);
    expect(fd.test("MOCK_DOMAIN", { op: 2, id: 1 })).toBe("EADDRINUSE");
    const other = iommufd();
    other.mockDomain();
    expect(other.map({ user_va: last, length: 0x800n })).toBe("EOVERFLOW");
    expect(other.map({ user_va: last - PAGE, length: 0x800n })).toBe("EFAULT");
  });

  test("a hole in the address space, and read-only memory for a writable mapping", () => {
    const fd = iommufd();
    fd.mockDomain();
    fd.kernel.mmap(BUFFER, 4n * PAGE);
    fd.kernel.munmap(BUFFER + 2n * PAGE, PAGE);
    expect(fd.map({ length: 4n * PAGE })).toBe("EFAULT");
    fd.kernel.mmap(BUFFER + 2n * PAGE, PAGE, { prot: 1 });
    expect(fd.map({ length: 4n * PAGE })).toBe("EFAULT");
    expect(fd.map({ length: 4n * PAGE, flags: 4 })).toBe(0x100_0000n);
  });
});

describe("IOAS_COPY", () => {
  test.each([
    { fields: { flags: 8, length: U64_MAX }, errno: "EOPNOTSUPP", why: "unknown flag" },
    { fields: { flags: 0, src_iova: U64_MAX }, errno: "EOVERFLOW", why: "source of all ones" },
    { fields: { flags: 0, src_ioas_id: 9 }, errno: "EINVAL", why: "neither R nor W" },
    { fields: { src_ioas_id: 9, dst_ioas_id: 8, length: 0n }, errno: "ENOENT", why: "source" },
    { fields: { dst_ioas_id: 8, length: 0n }, errno: "EINVAL", why: "length 0" },
    { fields: { dst_ioas_id: 8, src_iova: U64_MAX - 1n }, errno: "EOVERFLOW", why: "end" },
    { fields: { dst_ioas_id: 8, src_iova: 0x3000n }, errno: "ENOENT", why: "not mapped" },
    { fields: { dst_ioas_id: 8, src_iova: 0x2fffn }, errno: "ENOENT", why: "half mapped" },
    { fields: { dst_ioas_id: 8, src_iova: 0x1fffn }, errno: "ENOENT", why: "target" },
  ])("$errno: $why", ({ fields, errno }) => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE);
    fd.mapFixed(0x2000n, PAGE);
    expect(fd.copy(fields)).toBe(errno);
  });

  test("one area per source area; rights of the memory matter, not of the source", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE, { flags: WRITEABLE | FIXED });
    fd.mapFixed(0x2000n, PAGE, { flags: 4 | FIXED });
    const half = { src_iova: 0x1800n, length: PAGE, flags: 4 | FIXED };
    expect(fd.copy({ ...half, dst_iova: 0n })).toBe(0n);
    expect([...fd.ioas().areas].map(({ first, last }) => [first, last])).toEqual([
      [0n, 0x7ffn],
      [0x800n, 0xfffn],
      [0x1000n, 0x1fffn],
      [0x2000n, 0x2fffn],
    ]);
    expect(fd.copy({ ...half, dst_iova: 0x9000n, flags: RW | FIXED })).toBe("EPERM");
    expect(fd.copy({ ...half, dst_iova: 0x9000n, length: 0x800n, flags: RW | FIXED })).toBe(
      0x9000n,
    );
  });
});

describe("IOAS_COPY of a test kernel", () => {
  const NTH_AREA = 1 << 16;

  test("can name the source by the number of its area, and says which IOVA that was", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE);
    fd.mapFixed(0x5000n, PAGE);
    const base = { size: 40, dst_ioas_id: 1, src_ioas_id: 1, length: 1n, dst_iova: 0n };
    const copy = (nth: bigint, offset: bigint) =>
      fd.call("IOMMU_IOAS_COPY", {
        ...base,
        flags: NTH_AREA | RW,
        src_iova: (offset << 32n) | nth,
      });
    expect(copy(1n, 4n).out).toEqual({ flags: RW, src_iova: 0x5004n, dst_iova: 0x2004n });
    expect(copy(7n, 4n).errno).toBe("ENOENT");
  });
});

describe("IOAS_UNMAP", () => {
  test.each([
    { iova: U64_MAX, length: 1n, answer: "EOVERFLOW" },
    { iova: 1n, length: U64_MAX, answer: "EOVERFLOW" },
    { iova: 1n, length: 0n, answer: "EINVAL" },
    { iova: U64_MAX - 1n, length: 3n, answer: "EOVERFLOW" },
    { iova: 0x1_0000n, length: PAGE, answer: "ENOENT" },
    { iova: 0x1000n, length: 0x800n, answer: "ENOENT" },
    { iova: 0n, length: 0x10_0000n, answer: 3n * PAGE },
  ])("$length at $iova: $answer", ({ iova, length, answer }) => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE);
    fd.mapFixed(0x4000n, 2n * PAGE);
    expect(fd.unmap(iova, length)).toBe(answer);
  });

  test("everything is no error in an empty IOAS, anything else is", () => {
    const fd = iommufd();
    expect(fd.unmap(0n, U64_MAX)).toBe(0n);
    expect(fd.unmap(0n, U64_MAX - 1n)).toBe("ENOENT");
    expect(fd.unmap(0n, U64_MAX, 7)).toBe("ENOENT");
  });

  test("what lies below the area that fails is gone", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE);
    fd.mapFixed(0x2000n, 2n * PAGE);
    const outcome = fd.call("IOMMU_IOAS_UNMAP", {
      size: 24,
      ioas_id: 1,
      iova: 0n,
      length: 0x3000n,
    });
    expect(outcome.errno).toBe("ENOENT");
    expect(outcome.out).toEqual({});
    expect(fd.kernel.transitions.map(({ kind }) => kind)).toEqual(["area_removed"]);
    expect(fd.ioas().areas.size).toBe(1);
  });

  test("a failure the kernel did not report leaves everything", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE);
    const fields = { size: 24, ioas_id: 1, iova: 0n, length: U64_MAX };
    fd.call("IOMMU_IOAS_UNMAP", fields, { ret: -1, errno: "EBUSY" });
    expect(fd.ioas().areas.size).toBe(1);
  });
});

describe("an answer that cannot be written back", () => {
  test("undoes IOAS_ALLOC but not MAP", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, PAGE, { prot: 1 });
    const unwritable = { arg: BUFFER };
    const alloc = { size: 12, flags: 0, out_ioas_id: 0 };
    expect(fd.answer("IOMMU_IOAS_ALLOC", alloc, unwritable)).toBe("EFAULT");
    expect(fd.context.nextId()).toBe(2);
    const map = { size: 40, flags: RW, ioas_id: 1, user_va: BUFFER, length: PAGE, iova: 0n };
    expect(fd.answer("IOMMU_IOAS_MAP", map, unwritable)).toBe("EFAULT");
    expect(fd.ioas().areas.size).toBe(1);
  });
});

describe("options", () => {
  const option = (fields: Record<string, number | bigint>) => ({ size: 24, ...fields });

  test.each([
    { fields: { option_id: 2, op: 9 }, answer: "EOPNOTSUPP" },
    { fields: { option_id: 0, op: 1, object_id: 1 }, answer: "EOPNOTSUPP" },
    { fields: { option_id: 0, op: 0, val64: 7n }, answer: "EBUSY" },
    { fields: { option_id: 1, op: 9, object_id: 0 }, answer: "ENOENT" },
    { fields: { option_id: 1, op: 9, object_id: 1 }, answer: "EOPNOTSUPP" },
    { fields: { option_id: 1, op: 0, object_id: 1, val64: 2n }, answer: "EINVAL" },
    { fields: { option_id: 1, op: 0, object_id: 1, val64: 1n }, answer: 0 },
  ])("$fields: $answer", ({ fields, answer }) => {
    expect(iommufd().answer("IOMMU_OPTION", option(fields))).toBe(answer);
  });

  test("the accounting mode is chosen while the context is empty", () => {
    const fd = iommufd().kernel.open("/dev/vfio/vfio");
    const get = option({ option_id: 0, op: 1, object_id: 0, val64: 9n });
    expect(fd.call("IOMMU_OPTION", get).out).toEqual({ val64: 1n });
    expect(fd.answer("IOMMU_OPTION", option({ option_id: 0, op: 0, val64: 2n }))).toBe("EINVAL");
    expect(fd.answer("IOMMU_OPTION", option({ option_id: 0, op: 0, val64: 0n }))).toBe(0);
    expect(fd.call("IOMMU_OPTION", get).out).toEqual({ val64: 0n });
    fd.allocIoas();
    expect(fd.answer("IOMMU_OPTION", option({ option_id: 0, op: 0, val64: 0n }))).toBe("EBUSY");
  });

  test("small pages need page aligned areas, and no area behind a domain", () => {
    const small = option({ option_id: 1, op: 0, object_id: 1, val64: 0n });
    const odd = iommufd();
    odd.mapFixed(0x1000n, 0x800n);
    expect(odd.answer("IOMMU_OPTION", small)).toBe("EADDRINUSE");
    const mapped = iommufd();
    mapped.mockDomain();
    mapped.map({});
    expect(mapped.answer("IOMMU_OPTION", small)).toBe("EINVAL");
    const empty = iommufd();
    expect(empty.answer("IOMMU_OPTION", small)).toBe(0);
    expect(empty.mapFixed(0x1000n, 0x800n)).toBe("EINVAL");
  });
});
