/** Which pages are pinned, how often, as which memory, and who pays for them. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownerOf } from "../../../src/engine/iommufd/backing.js";
import { FileBacking } from "../../../src/engine/iommufd/backing-file.js";
import { Memfd } from "../../../src/engine/memory/memfd.js";
import { BUFFER, iommufd, PAGE, TestKernel } from "./ioas-kernel.js";

const PAGES = 40;

describe("the pins of one backing object", () => {
  test("count holders per page, whatever the order in which ranges come and go", () => {
    const range = fc.tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(range, fc.nat(9)), { maxLength: 60 }), (steps) => {
        const kernel = new TestKernel();
        const { machine } = kernel;
        const process = machine.process(kernel.pid);
        const file = process.fds.get(kernel.memfd(BigInt(PAGES) * PAGE));
        if (file === undefined || !(file.object instanceof Memfd)) throw new Error("no memfd");
        const owner = ownerOf(process);
        const size = BigInt(PAGES);
        const backing = new FileBacking(file, 0, machine, 1, 0n, size, true, "user", owner);
        const held: [bigint, bigint][] = [];
        const counts = new Array<number>(PAGES).fill(0);
        for (const [[first, length], pick] of steps) {
          const last = Math.min(PAGES - 1, first + length - 1);
          const old = pick < 4 ? held.splice(pick % Math.max(1, held.length), 1)[0] : undefined;
          const [from, to] = old ?? [BigInt(first), BigInt(last)];
          if (old === undefined) {
            backing.hold(from, to);
            held.push([from, to]);
          } else backing.release(from, to);
          for (let page = from; page <= to; page++) {
            const before = counts[Number(page)] ?? 0;
            counts[Number(page)] = before + (old === undefined ? 1 : -1);
          }
        }
        counts.forEach((count, page) => {
          const run = backing.pins?.find(BigInt(page));
          expect(run?.holders ?? 0).toBe(count);
          if (run === undefined) return;
          expect(run.offset + (BigInt(page) - run.first) * PAGE).toBe(BigInt(page) * PAGE);
        });
        const pinned = counts.filter((count) => count > 0).length;
        expect(backing.pinned_pages).toBe(BigInt(pinned));
        const holders = [...machine.pins.holders(file.object.pages)];
        expect(holders).toEqual(pinned > 0 ? [backing] : []);
      }),
      { numRuns: 60 },
    );
  });
});

describe("pages behind a domain", () => {
  test("are pinned once for a mapping and all its copies, twice for two mappings", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, 2n * PAGE);
    fd.mockDomain();
    expect(fd.checkRefs(BUFFER, 0, 2n * PAGE)).toBe(0);
    const iova = fd.map({ length: 2n * PAGE });
    fd.copy({ src_iova: iova as bigint, length: 2n * PAGE });
    expect(fd.checkRefs(BUFFER, 1, 2n * PAGE)).toBe(0);
    fd.map({ length: PAGE });
    expect(fd.checkRefs(BUFFER, 2)).toBe(0);
    expect(fd.checkRefs(BUFFER, 2, 2n * PAGE)).toBe("EIO");
    expect(fd.checkRefs(BUFFER + PAGE, 1)).toBe(0);
    fd.unmap(0n, 0xffff_ffff_ffff_ffffn);
    expect(fd.checkRefs(BUFFER, 0, 2n * PAGE)).toBe(0);
  });

  test("stay what they were when the address gets other memory", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, PAGE);
    const hwpt = fd.mockDomain();
    const iova = fd.map({}) as bigint;
    expect(fd.checkMap(hwpt, iova, BUFFER)).toBe(0);
    fd.kernel.munmap(BUFFER, PAGE);
    expect(fd.checkMap(hwpt, iova, BUFFER)).toBe("EFAULT");
    fd.kernel.mmap(BUFFER, PAGE);
    expect(fd.checkMap(hwpt, iova, BUFFER)).toBe("EINVAL");
    expect(fd.checkRefs(BUFFER, 0)).toBe(0);
  });

  test("of a memfd are the same through descriptor and address, until they are punched out", () => {
    const fd = iommufd();
    const memfd = fd.kernel.memfd(2n * PAGE);
    fd.kernel.mmap(BUFFER, 2n * PAGE, { fd: memfd });
    const hwpt = fd.mockDomain();
    const iova = fd.mapFile({ fd: memfd, length: 2n * PAGE }) as bigint;
    expect(fd.checkMap(hwpt, iova, BUFFER, 2n * PAGE)).toBe(0);
    expect(fd.checkMap(hwpt, iova + PAGE, BUFFER)).toBe("EINVAL");
    const hole = { fd: memfd, mode: 3, offset: PAGE, length: PAGE };
    fd.kernel.apply({ type: "fallocate", pid: fd.pid, ...hole });
    expect(fd.checkMap(hwpt, iova, BUFFER)).toBe(0);
    expect(fd.checkMap(hwpt, iova + PAGE, BUFFER + PAGE)).toBe("EINVAL");
  });

  test("a child's private memory is a copy, shared memory is not", () => {
    const fd = iommufd();
    fd.kernel.mmap(BUFFER, PAGE);
    fd.kernel.mmap(BUFFER + PAGE, PAGE, { flags: 0x22 });
    const hwpt = fd.mockDomain();
    const iova = fd.map({ length: 2n * PAGE }) as bigint;
    fd.kernel.apply({ type: "fork", pid: fd.pid, child: 101, ret: 101 });
    const child = fd.as(101);
    expect(child.checkMap(hwpt, iova, BUFFER)).toBe(0);
    expect(child.checkMap(hwpt, iova + PAGE, BUFFER + PAGE)).toBe("EINVAL");
    const own = child.map({ user_va: BUFFER + PAGE }) as bigint;
    expect(child.checkMap(hwpt, own, BUFFER + PAGE)).toBe(0);
    expect(fd.checkMap(hwpt, own, BUFFER + PAGE)).toBe("EINVAL");
  });

  test("can be had from a dead process only where they are held already", () => {
    const fd = iommufd();
    fd.kernel.apply({ type: "fork", pid: fd.pid, child: 101, ret: 101 });
    const child = fd.as(101);
    const memfd = fd.kernel.memfd(PAGE);
    child.map({ user_va: BUFFER });
    fd.kernel.apply({ type: "exit", pid: 101, code: 0 });
    expect(fd.test("MOCK_DOMAIN", { op: 2, id: 1 })).toBe("EADDRINUSE");
    const other = fd.allocIoas();
    fd.mockDomain(other);
    const copy = { src_iova: 0x1000n, dst_ioas_id: other };
    expect(fd.copy(copy)).toBe("EFAULT");
    expect(fd.mapFile({ fd: memfd, ioas_id: other })).toBe(0x100_0000n);
  });
});

describe("RLIMIT_MEMLOCK", () => {
  function limited(path: "/dev/iommu" | "/dev/vfio/vfio" = "/dev/iommu") {
    const kernel = new TestKernel();
    const { pid } = kernel;
    kernel.apply({ type: "capset", pid, caps: "=ep cap_ipc_lock-e", ret: 0 });
    const limit = 4n * PAGE;
    kernel.apply({ type: "setrlimit", pid, resource: "RLIMIT_MEMLOCK", cur: limit, max: limit });
    const fd = kernel.open(path);
    fd.allocIoas();
    return fd;
  }

  test("counts pages of a user when they are pinned, not when they are mapped", () => {
    const fd = limited();
    fd.mapFixed(0x100_0000n, 5n * PAGE);
    expect(fd.test("MOCK_DOMAIN", { op: 2, id: 1 })).toBe("ENOMEM");
    fd.unmap(0n, 0xffff_ffff_ffff_ffffn);
    fd.mockDomain();
    expect(fd.mapFixed(0x100_0000n, 4n * PAGE)).toBe(0x100_0000n);
    expect(fd.map({})).toBe("ENOMEM");
    // Pages that are pinned already cost nothing.
    expect(fd.copy({ src_iova: 0x100_0000n })).toBe(0x100_4000n);
    fd.unmap(0x100_0000n, 4n * PAGE);
    expect(fd.mapFixed(0x100_0000n, 3n * PAGE)).toBe(0x100_0000n);
    expect(fd.map({})).toBe("ENOMEM");
  });

  test("bad memory is told before the limit", () => {
    const fd = limited();
    fd.mockDomain();
    expect(fd.map({ user_va: 0n, length: 8n * PAGE })).toBe("EFAULT");
  });

  test("several contexts of one user share it; each address space has its own in MM mode", () => {
    const one = limited();
    one.mockDomain();
    const two = one.kernel.open();
    two.allocIoas();
    two.mockDomain();
    one.map({ length: 3n * PAGE });
    expect(two.map({ length: 2n * PAGE })).toBe("ENOMEM");
    const compat = one.kernel.open("/dev/vfio/vfio");
    compat.allocIoas();
    compat.mockDomain();
    expect(compat.map({ length: 4n * PAGE })).toBe(0x100_0000n);
    expect(compat.map({})).toBe("ENOMEM");
  });

  test("CHANGE_PROCESS moves file mappings, and charges before it credits", () => {
    const fd = limited();
    fd.mockDomain();
    const memfd = fd.kernel.memfd(4n * PAGE);
    fd.mapFile({ fd: memfd, length: 3n * PAGE });
    fd.kernel.apply({ type: "fork", pid: fd.pid, child: 101, ret: 101 });
    const change = { size: 8, __reserved: 0 };
    expect(fd.as(101).answer("IOMMU_IOAS_CHANGE_PROCESS", change)).toBe("ENOMEM");
    const more = { resource: "RLIMIT_MEMLOCK", cur: 6n * PAGE, max: 6n * PAGE };
    fd.kernel.apply({ type: "setrlimit", pid: 101, ...more });
    expect(fd.as(101).answer("IOMMU_IOAS_CHANGE_PROCESS", change)).toBe(0);
    fd.map({});
    expect(fd.as(101).answer("IOMMU_IOAS_CHANGE_PROCESS", change)).toBe("EINVAL");
  });
});
