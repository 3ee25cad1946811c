/** Software that pins and copies through an IOAS. */

import { describe, expect, test } from "vitest";
import { BUFFER, FIXED, type Iommufd, iommufd, PAGE, READABLE, U64_MAX } from "./ioas-kernel.js";

const NEEDS_PIN_PAGES = 1;
const WRITE = 1;
const SLOW = 4;

function createAccess(fd: Iommufd, flags = NEEDS_PIN_PAGES, id = 1): unknown {
  const outcome = fd.call("IOMMU_TEST_OP_CREATE_ACCESS", { size: 72, op: 5, id, flags });
  return outcome.errno ?? outcome.out["out_access_fd"];
}

/** The item's number, or the errno. */
function pin(fd: Iommufd, access: unknown, iova: bigint, length: bigint, more = {}): unknown {
  const fields = { size: 72, op: 7, id: Number(access), flags: 0, iova, length, uptr: 0n, ...more };
  const outcome = fd.call("IOMMU_TEST_OP_ACCESS_PAGES", fields);
  return outcome.errno ?? outcome.out["out_access_pages_id"];
}

function unpin(fd: Iommufd, access: unknown, item: number): unknown {
  return fd.test("DESTROY_ACCESS_PAGES", { op: 6, id: Number(access), access_pages_id: item });
}

function rw(fd: Iommufd, access: unknown, iova: bigint, length: bigint, flags = 0): unknown {
  const uptr = BUFFER + 0x10_0000n;
  return fd.test("ACCESS_RW", { op: 8, id: Number(access), iova, length, uptr, flags });
}

describe("creating an access", () => {
  test("unknown flags, no IOAS, areas that are not page aligned", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, 0x800n);
    expect(createAccess(fd, 2, 9)).toBe("EOPNOTSUPP");
    expect(createAccess(fd, NEEDS_PIN_PAGES, 9)).toBe("ENOENT");
    expect(createAccess(fd)).toBe("EADDRINUSE");
    expect(createAccess(fd, 0)).toBeTypeOf("number");
  });

  test("takes an id, uses the IOAS, aligns what is mapped later; closing gives it all back", () => {
    const fd = iommufd();
    const access = createAccess(fd);
    expect(fd.context.nextId()).toBe(3);
    expect(fd.answer("IOMMU_DESTROY", { size: 8, id: 1 })).toBe("EBUSY");
    expect(fd.answer("IOMMU_DESTROY", { size: 8, id: 2 })).toBe("EBUSY");
    expect(fd.mapFixed(0x1000n, 0x800n)).toBe("EINVAL");
    fd.kernel.apply({ type: "close", pid: fd.pid, fd: access });
    expect(fd.mapFixed(0x1000n, 0x800n)).toBe(0x1000n);
    expect(fd.answer("IOMMU_DESTROY", { size: 8, id: 1 })).toBe(0);
  });

  test("its descriptor keeps the iommufd alive", () => {
    const fd = iommufd();
    const { context } = fd;
    const access = createAccess(fd);
    fd.kernel.apply({ type: "close", pid: fd.pid, fd: fd.fd });
    expect(context.objects().length).toBe(2);
    fd.kernel.apply({ type: "close", pid: fd.pid, fd: access });
    expect(context.objects().length).toBe(0);
  });
});

describe("pinning", () => {
  test.each([
    { iova: 0x1000n, length: 0x100_0001n, more: { flags: 8 }, answer: "ENOMEM" },
    { iova: 0x1000n, length: 0n, more: { flags: 8 }, answer: "EOPNOTSUPP" },
    { iova: 0x1000n, length: 0n, answer: "EINVAL" },
    { iova: U64_MAX, length: 2n, answer: "EOVERFLOW" },
    { iova: 0x5000n, length: PAGE, answer: "ENOENT" },
    { iova: 0x1001n, length: 1n, answer: "EINVAL" },
    { iova: 0x1000n, length: 5n * PAGE, answer: "ENOENT" },
    { iova: 0x1000n, length: 3n * PAGE, more: { flags: WRITE }, answer: "EPERM" },
    { iova: 0x1000n, length: 3n * PAGE, answer: 0 },
  ])("$length bytes at $iova: $answer", ({ iova, length, more = {}, answer }) => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 16n * PAGE);
    const access = createAccess(fd);
    fd.mapFixed(0x1000n, 2n * PAGE);
    fd.mapFixed(0x3000n, PAGE, { flags: READABLE | FIXED });
    expect(pin(fd, access, iova, length, more)).toBe(answer);
  });

  test("only a descriptor of a selftest access will do, and one that pins", () => {
    const fd = iommufd();
    fd.map({});
    expect(pin(fd, fd.fd, 0x1000n, PAGE)).toBe("EBADFD");
    expect(pin(fd, createAccess(fd, 0), 0x1000n, PAGE)).toBe("EOPNOTSUPP");
  });

  test("holds pages without a domain, each once; numbers of items are never used again", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 2n * PAGE);
    const access = createAccess(fd);
    fd.mapFixed(0x1000n, 2n * PAGE);
    expect(pin(fd, access, 0x1000n, 2n * PAGE, { uptr: BUFFER })).toBe(0);
    expect(pin(fd, access, 0x1000n, PAGE, { uptr: BUFFER })).toBe(1);
    expect(fd.checkRefs(BUFFER, 1, 2n * PAGE)).toBe(0);
    expect(unpin(fd, access, 0)).toBe(0);
    expect(unpin(fd, access, 0)).toBe("ENOENT");
    expect(fd.checkRefs(BUFFER, 1)).toBe(0);
    expect(fd.checkRefs(BUFFER + PAGE, 0)).toBe(0);
    expect(pin(fd, access, 0x1000n, PAGE)).toBe(2);
  });

  test("compares with what the caller has at an address", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 2n * PAGE);
    const access = createAccess(fd);
    fd.mapFixed(0x1000n, 2n * PAGE);
    expect(pin(fd, access, 0x1000n, PAGE, { uptr: BUFFER + PAGE })).toBe("EBADE");
    expect(pin(fd, access, 0x1000n, PAGE, { uptr: 0x1000n })).toBe("EFAULT");
    expect(pin(fd, access, 0x2000n, PAGE, { uptr: BUFFER + PAGE })).toBe(0);
  });

  test("UNMAP and a change of the IOAS drop the pins they meet", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 4n * PAGE);
    const access = createAccess(fd);
    fd.mapFixed(0x1000n, 2n * PAGE);
    fd.mapFixed(0x5000n, 2n * PAGE, { user_va: BUFFER + 2n * PAGE });
    pin(fd, access, 0x1000n, PAGE);
    pin(fd, access, 0x5000n, PAGE);
    expect(fd.unmap(0x1000n, 2n * PAGE)).toBe(2n * PAGE);
    expect(unpin(fd, access, 0)).toBe("ENOENT");
    expect(fd.checkRefs(BUFFER, 0)).toBe(0);
    expect(fd.checkRefs(BUFFER + 2n * PAGE, 1)).toBe(0);
    const other = fd.allocIoas();
    const replace = (ioas_id: number) =>
      fd.test("ACCESS_REPLACE_IOAS", { op: 11, id: Number(access), ioas_id });
    expect(replace(9)).toBe("ENOENT");
    expect(replace(1)).toBe(0);
    expect(fd.checkRefs(BUFFER + 2n * PAGE, 1)).toBe(0);
    expect(replace(other)).toBe(0);
    expect(fd.checkRefs(BUFFER + 2n * PAGE, 0)).toBe(0);
    expect(fd.answer("IOMMU_DESTROY", { size: 8, id: 1 })).toBe(0);
    expect(fd.answer("IOMMU_DESTROY", { size: 8, id: other })).toBe("EBUSY");
  });
});

describe("copying", () => {
  test.each([
    { iova: 0x1000n, length: 0n, flags: 0, answer: "EINVAL" },
    { iova: U64_MAX, length: 2n, flags: 0, answer: "EOVERFLOW" },
    { iova: 0x800n, length: 1n, flags: 0, answer: "ENOENT" },
    { iova: 0x1fffn, length: 2n, flags: 0, answer: "ENOENT" },
    { iova: 0x1fffn, length: 1n, flags: 0, answer: 0 },
    { iova: 0x1001n, length: 7n, flags: WRITE, answer: "EPERM" },
    { iova: 0x1001n, length: 7n, flags: 2, answer: "EOPNOTSUPP" },
  ])("$length bytes at $iova with flags $flags: $answer", ({ iova, length, flags, answer }) => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, PAGE, { flags: READABLE | FIXED });
    expect(rw(fd, createAccess(fd, 0), iova, length, flags)).toBe(answer);
  });

  test("the owner's own memory is reached where it could not be pinned", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 2n * PAGE, { prot: 1 });
    const access = createAccess(fd, 0);
    fd.mapFixed(0x1000n, 2n * PAGE);
    expect(rw(fd, access, 0x1000n, 2n * PAGE)).toBe(0);
    expect(rw(fd, access, 0x1000n, 2n * PAGE, SLOW)).toBe("EFAULT");
    expect(rw(fd, access, 0x1000n, PAGE, WRITE)).toBe("EFAULT");
  });

  test("what a read returns is taken from the trace", () => {
    const fd = iommufd();
    fd.map({});
    const fields = { size: 72, op: 8, id: Number(createAccess(fd, 0)), flags: 0 };
    const range = { iova: 0x1000n, length: 4n, uptr: BUFFER };
    expect(fd.call("IOMMU_TEST_OP_ACCESS_RW", { ...fields, ...range }).adopted).toEqual(["uptr"]);
  });
});

describe("dma-bufs of the selftest", () => {
  const get = (fd: Iommufd, length: number) =>
    fd.test("DMABUF_GET", { op: 22, id: 0, length, open_flags: 0 });
  const revoke = (fd: Iommufd, dmabuf_fd: number, revoked: number) =>
    fd.test("DMABUF_REVOKE", { op: 23, id: 0, dmabuf_fd, revoked });

  test("are made behind a number that the kernel does not tell", () => {
    const fd = iommufd();
    const hidden = fd.fd + 1;
    expect(get(fd, 0)).toBe("EINVAL");
    expect(get(fd, 513 * 4096)).toBe("EINVAL");
    expect(get(fd, 5000)).toBe(0);
    expect(revoke(fd, hidden + 1, 1)).toBe("EBADF");
    expect(revoke(fd, fd.fd, 1)).toBe("EINVAL");
    expect(fd.mapFile({ fd: hidden, length: 3n * PAGE })).toBe("EINVAL");
    expect(fd.mapFile({ fd: hidden, length: 2n * PAGE })).toBe(0x2000n);
    expect(revoke(fd, hidden, 1)).toBe(0);
    expect(fd.mapFile({ fd: hidden, length: PAGE })).toBe("ENODEV");
    expect(revoke(fd, hidden, 0)).toBe(0);
    expect(fd.mapFile({ fd: hidden, length: PAGE })).toBe(0x1000n);
  });
});

describe("a kernel that does what the model refuses", () => {
  test("is followed, so that later calls find what it made", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n, 0x800n);
    const fields = { size: 72, op: 5, id: 1, flags: NEEDS_PIN_PAGES, out_access_fd: 0 };
    const seen = { ret: 0, out: { out_access_fd: 30 } };
    expect(fd.call("IOMMU_TEST_OP_CREATE_ACCESS", fields, seen).errno).toBe("EADDRINUSE");
    expect(pin(fd, 30, 0x1000n, 0x800n)).toBe(0);
    const map = { size: 40, flags: 7, ioas_id: 1, user_va: 0n, length: 1n, iova: 0x9000n };
    expect(fd.call("IOMMU_IOAS_MAP", map, { ret: 0 }).errno).toBe("EINVAL");
    const unmap = { size: 24, ioas_id: 1, iova: 0x1400n, length: 0x8000n };
    expect(fd.call("IOMMU_IOAS_UNMAP", unmap, { ret: 0 }).errno).toBe("ENOENT");
    expect(fd.unmap(0n, U64_MAX)).toBe(0x800n);
  });
});
