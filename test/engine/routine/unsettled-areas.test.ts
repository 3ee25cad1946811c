/** Areas that nobody asked about know later what they would have known at once. */

import { describe, expect, test } from "vitest";
import type { Area } from "../../../src/engine/iommufd/areas.js";
import { commitRoutine, prepareRoutine } from "../../../src/engine/routine/routine.js";
import { ROUTINE_KINDS, RoutineCall } from "../../../src/engine/routine/routine-call.js";
import { BUFFER, PAGE, RW, TestKernel } from "../iommufd/ioas-kernel.js";

const IOVA = 0x100_0000;
const FIXED_READ_WRITE = RW | 1;

/** A kernel with memory, an iommufd, and an IOAS that a domain translates, so that it pins. */
function stage(iova = IOVA): { kernel: TestKernel; fd: number; map(page: number): Area } {
  const kernel = new TestKernel();
  kernel.mmap(BUFFER, 16n * PAGE, { flags: 0x22 });
  const iommufd = kernel.open();
  expect(iommufd.allocIoas()).toBe(1);
  kernel.apply({
    type: "ioctl",
    pid: kernel.pid,
    fd: iommufd.fd,
    op: "IOMMU_TEST_OP_MOCK_DOMAIN",
    in: { size: 72, op: 2, id: 1 },
  });
  const area = () => {
    const found = iommufd.ioas().areas.find(BigInt(iova));
    if (found === undefined) throw new Error("nothing is mapped");
    return found;
  };
  const map = (page: number) => {
    const call = new RoutineCall();
    call.kind = "map";
    call.index = ROUTINE_KINDS.indexOf("map");
    call.seq = 1000;
    call.pid = kernel.pid;
    call.fd = iommufd.fd;
    call.flags = FIXED_READ_WRITE;
    call.ioas_id = 1;
    call.address = Number(BUFFER) + page * Number(PAGE);
    call.length = Number(PAGE);
    call.iova = iova;
    expect(prepareRoutine(kernel.machine, call)).toBe(true);
    commitRoutine(kernel.machine, call);
    return area();
  };
  return { kernel, fd: iommufd.fd, map };
}

function pinnedObject(area: Area): unknown {
  return area.backing.pins?.find(0n)?.object;
}

describe("an area of a routine call", () => {
  test("keeps the memory that was there when it was mapped", () => {
    const { kernel, map } = stage();
    const before = kernel.machine.process(kernel.pid).mm.locate(BUFFER)?.object;
    const area = map(0);
    kernel.apply({ type: "munmap", pid: kernel.pid, addr: BUFFER, length: PAGE });
    kernel.mmap(BUFFER, PAGE, { flags: 0x22 });
    const now = kernel.machine.process(kernel.pid).mm.locate(BUFFER)?.object;
    expect(now).not.toBe(before);
    expect(pinnedObject(area)).toBe(before);
  });

  test("says when its pages were pinned, not when somebody asked", () => {
    const { kernel, map } = stage();
    const area = map(1);
    kernel.apply({ type: "note", text: "later" });
    expect(area.backing.pins?.find(0n)?.pinned_seq).toBe(1000);
  });

  test("is found by whoever looks for the holders of its memory", () => {
    const { kernel, map } = stage();
    const object = kernel.machine.process(kernel.pid).mm.locate(BUFFER)?.object;
    if (object === undefined) throw new Error("the buffer is mapped");
    const area = map(2);
    expect(area.unsettled_at).toBeGreaterThanOrEqual(0);
    expect([...kernel.machine.pins.holders(object)]).toStrictEqual([area.backing]);
    expect(area.unsettled_at).toBe(-1);
  });

  test("is not one whose memory cannot be written", () => {
    const { kernel, map } = stage();
    const place = { addr: BUFFER + 3n * PAGE, length: PAGE };
    kernel.apply({ type: "mprotect", pid: kernel.pid, ...place, prot: 1 });
    expect(() => map(3)).toThrow();
  });

  test("does not lie where the domain cannot translate", () => {
    expect(() => stage(IOVA - Number(PAGE)).map(0)).toThrow();
    expect(stage(IOVA).map(0).first).toBe(BigInt(IOVA));
  });

  test("is charged while it is there, and no longer", () => {
    const { kernel, map, fd } = stage();
    kernel.apply({ type: "capset", pid: kernel.pid, caps: "=ep cap_ipc_lock-e", ret: 0 });
    const limit = { resource: "RLIMIT_MEMLOCK", cur: PAGE, max: PAGE };
    kernel.apply({ type: "setrlimit", pid: kernel.pid, ...limit });
    const unmap = () => {
      const fields = { size: 24, ioas_id: 1, iova: BigInt(IOVA), length: PAGE };
      const call = { pid: kernel.pid, fd, op: "IOMMU_IOAS_UNMAP", in: fields };
      return kernel.apply({ type: "ioctl", ...call }).errno;
    };
    map(4);
    const second = {
      size: 40,
      flags: FIXED_READ_WRITE,
      ioas_id: 1,
      user_va: BUFFER + 5n * PAGE,
      length: PAGE,
      iova: BigInt(IOVA) + PAGE,
    };
    const more = { type: "ioctl", pid: kernel.pid, fd, op: "IOMMU_IOAS_MAP", in: second } as const;
    expect(kernel.apply(more).errno).toBe("ENOMEM");
    expect(unmap()).toBeUndefined();
    expect(kernel.apply(more).errno).toBeUndefined();
  });
});
