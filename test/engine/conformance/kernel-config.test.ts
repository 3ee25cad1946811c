/** Kernels built otherwise than those of the captures, where the trace says so. */

import { describe, expect, test } from "vitest";
import type { KernelConfig } from "../../../src/engine/kernel-config.js";
import { BUFFER, type Iommufd, PAGE, RW, TestKernel, U64_MAX } from "../iommufd/ioas-kernel.js";

function iommufd(kernel_config: Partial<KernelConfig> = {}): Iommufd {
  const kernel = new TestKernel();
  kernel.apply({ type: "machine", facts: { kernel_config } });
  const opened = kernel.open();
  opened.allocIoas();
  return opened;
}

describe("a kernel without the selftest driver", () => {
  const fd = iommufd({ iommufd_test: false });

  test("does not know its requests, whatever the argument", () => {
    const reserve = { size: 72, op: 1, id: 1, start: 0n, length: PAGE };
    expect(fd.answer("IOMMU_TEST_OP_ADD_RESERVED", reserve)).toBe("ENOTTY");
    expect(fd.kernel.apply(unknown(fd, 0x3ba0, null)).errno).toBe("ENOTTY");
  });

  test("does not know the test flag of IOAS_COPY", () => {
    expect(fd.copy({ flags: RW | (1 << 16) })).toBe("EOPNOTSUPP");
  });
});

function unknown(fd: Iommufd, request: number, fields: object | null, more: object = {}) {
  const op = request === 0x3ba0 ? "IOMMU_TEST_CMD" : "UNKNOWN_REQUEST";
  return { type: "ioctl", pid: fd.pid, fd: fd.fd, op, request, in: fields, ...more } as const;
}

describe("requests nobody serves", () => {
  const fd = iommufd();

  test.each([
    ["a hole in the table", 0x3b96, "ENOTTY"],
    ["behind the table", 0x3ba1, "ENOTTY"],
    ["an old VFIO request", 0x3b75, "ENOTTY"],
  ])("%s", (_, request, errno) => {
    expect(fd.kernel.apply(unknown(fd, request, { size: 8 })).errno).toBe(errno);
  });

  test("only inside the table the size word is read first", () => {
    expect(fd.kernel.apply(unknown(fd, 0x3b96, null)).errno).toBe("EFAULT");
    expect(fd.kernel.apply(unknown(fd, 0x3ba1, null)).errno).toBe("ENOTTY");
    expect(fd.kernel.apply(unknown(fd, 0x3b75, null)).errno).toBe("ENOTTY");
  });

  test.each([
    ["a short struct", { size: 8 }, 0, "EINVAL"],
    ["a struct that ends in something", { size: 80 }, 1, "E2BIG"],
    ["a whole struct", { size: 72 }, 0, "EOPNOTSUPP"],
    ["a long one that ends in zeros", { size: 80 }, 0, "EOPNOTSUPP"],
  ])("an unknown selftest operation in %s", (_, fields, end, errno) => {
    const tail = new Uint8Array(Math.max(0, fields.size - 4));
    if (end !== 0) tail[tail.length - 1] = end;
    expect(fd.kernel.apply(unknown(fd, 0x3ba0, fields, { tail })).errno).toBe(errno);
  });
});

test("without transparent huge pages, automatic IOVAs are aligned to pages at most", () => {
  const large = { user_va: BUFFER, length: 0x20_0000n };
  expect(iommufd().map(large)).toBe(0x20_0000n);
  expect(iommufd({ transparent_hugepage: false }).map(large)).toBe(PAGE);
});

test("VFIO_CHECK_EXTENSION tells of no-IOMMU mode where that is built in", () => {
  const answer = (fd: Iommufd) =>
    fd.kernel.apply({
      ...{ type: "ioctl", pid: fd.pid, fd: fd.fd },
      ...{ op: "VFIO_CHECK_EXTENSION", arg: 8n },
    }).ret;
  expect(answer(iommufd())).toBe(0);
  expect(answer(iommufd({ vfio_noiommu: true }))).toBe(1);
});

describe("IOAS_NOIOMMU_GET_PA", () => {
  const op = "IOMMU_IOAS_NOIOMMU_GET_PA";
  const request = { size: 40, ioas_id: 1, length: PAGE, iova: PAGE };

  test("is refused by kernels without it", () => {
    expect(iommufd().answer(op, request)).toBe("EOPNOTSUPP");
  });

  test.each([
    ["flags", { flags: 1 }, "EOPNOTSUPP"],
    ["no length", { length: 0n }, "EINVAL"],
    ["the end of the space", { iova: U64_MAX }, "EOVERFLOW"],
    ["no IOAS", { ioas_id: 9 }, "ENOENT"],
    ["no mapping", {}, "ENOENT"],
  ])("%s", (_, fields, errno) => {
    const fd = iommufd({ iommufd_noiommu: true });
    expect(fd.answer(op, { ...request, ...fields })).toBe(errno);
  });

  test("a mapping without a no-IOMMU domain has no address to tell", () => {
    const fd = iommufd({ iommufd_noiommu: true });
    fd.mapFixed(PAGE);
    expect(fd.answer(op, request)).toBe("EOPNOTSUPP");
  });

  test("takes CAP_SYS_RAWIO", () => {
    const fd = iommufd({ iommufd_noiommu: true });
    fd.kernel.apply({ type: "capset", pid: fd.pid, caps: "=ep cap_sys_rawio-ep" });
    expect(fd.answer(op, { ...request, flags: 1 })).toBe("EPERM");
  });
});

test("DMABUF_GET of a kernel that returns the descriptor: it can be mapped and revoked", () => {
  const fd = iommufd({ dmabuf_get_returns_fd: true });
  const get = { op: 22, id: 0, length: 2 * Number(PAGE), open_flags: 0 };
  const dmabuf = Number(fd.test("DMABUF_GET", get));
  expect(dmabuf).toBeGreaterThan(2);
  const revoke = (revoked: number) =>
    fd.test("DMABUF_REVOKE", { op: 23, id: 0, dmabuf_fd: dmabuf, revoked });
  expect(fd.mapFile({ fd: dmabuf, length: 3n * PAGE })).toBe("EINVAL");
  expect(fd.mapFile({ fd: dmabuf })).toBe(PAGE);
  expect(revoke(1)).toBe(0);
  expect(fd.mapFile({ fd: dmabuf })).toBe("ENODEV");
  expect(revoke(0)).toBe(0);
  expect(fd.mapFile({ fd: dmabuf })).toBe(2n * PAGE);
});
