import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../../../src/engine/memory/address-space.js";
import { Kernel, PAGE, PID } from "./kernel.js";

const MREMAP_MAYMOVE = 1;
const BASE = 0x5000_0000_0000n;

function setUp(length = 4n * PAGE) {
  const kernel = new Kernel();
  const fd = kernel.sizedMemfd(length);
  const address = kernel.mmap(fd, length) as bigint;
  return { kernel, fd, address, mm: kernel.machine.process(PID).mm };
}

describe("a mapping", () => {
  test("keeps its file open until the last part of it is unmapped", () => {
    const { kernel, fd, address } = setUp();
    kernel.close(fd);
    expect(kernel.happened("file_released")).toHaveLength(0);
    kernel.munmap(address + PAGE, PAGE);
    kernel.munmap(address, PAGE);
    expect(kernel.happened("file_released")).toHaveLength(0);
    kernel.munmap(address + 2n * PAGE, 2n * PAGE);
    expect(kernel.happened("file_released")).toHaveLength(1);
  });

  test("holds one reference, however many pieces and mappings there are", () => {
    const { kernel, fd, address } = setUp();
    const file = kernel.machine.process(PID).fds.get(fd);
    expect(file?.references).toBe(2);
    kernel.mmap(fd, PAGE);
    kernel.munmap(address + PAGE, PAGE);
    kernel.apply({ type: "mprotect", pid: PID, addr: address, length: PAGE, prot: 1 });
    expect(file?.references).toBe(2);
  });

  test("of a forked child holds the file by itself", () => {
    const { kernel, fd, address } = setUp();
    kernel.fork(200);
    kernel.close(fd);
    kernel.close(fd, 200);
    kernel.munmap(address, 4n * PAGE);
    expect(kernel.happened("file_released")).toHaveLength(0);
    kernel.apply({ type: "exit", pid: 200, code: 0 });
    expect(kernel.happened("file_released")).toHaveLength(1);
  });

  test("ends with exec, and with it the file", () => {
    const { kernel, fd } = setUp();
    kernel.close(fd);
    kernel.apply({ type: "process_start", pid: PID });
    expect(kernel.happened("file_released")).toHaveLength(1);
  });

  test("moves with mremap and stays the memory it was", () => {
    const { kernel, address, mm } = setUp();
    const before = mm.locate(address + PAGE);
    const { outcome } = kernel.apply({
      type: "mremap",
      pid: PID,
      addr: address + PAGE,
      old_length: 2n * PAGE,
      new_length: 3n * PAGE,
      flags: MREMAP_MAYMOVE,
      address: BASE,
    });
    expect(outcome.ret).toBe(BASE);
    const after = mm.locate(BASE);
    expect(after?.object).toBe(before?.object);
    expect(after?.offset).toBe(PAGE);
    expect(mm.locate(BASE + 2n * PAGE)?.offset).toBe(3n * PAGE);
    expect(mm.locate(address + PAGE)).toBeUndefined();
    expect(mm.locate(address + 3n * PAGE)?.offset).toBe(3n * PAGE);
  });
});

describe("memory after fork", () => {
  test("is the same where it is shared, another where it is private", () => {
    const kernel = new Kernel();
    const shared = kernel.mmap(-1, PAGE, { flags: 0x21 }) as bigint;
    const own = kernel.mmap(-1, PAGE, { flags: 0x22 }) as bigint;
    kernel.fork(200);
    const parent = kernel.machine.process(PID).mm;
    const child = kernel.machine.process(200).mm;
    expect(child.locate(shared)?.object).toBe(parent.locate(shared)?.object);
    expect(child.locate(own)?.object).not.toBe(parent.locate(own)?.object);
    expect(child.locate(0x1234_5000n)?.object).not.toBe(parent.locate(0x1234_5000n)?.object);
  });
});

describe("addresses", () => {
  test("that nobody recorded are ordinary memory; unmapped ones are holes", () => {
    const { mm, kernel } = setUp();
    expect(mm.isWritable(BASE, PAGE)).toBe(true);
    expect(mm.isReadable(0x1000n, 1n)).toBe(false);
    expect(mm.isReadable(0xffff_8000_0000_0000n, 1n)).toBe(false);
    kernel.munmap(BASE, PAGE);
    expect(mm.isReadable(BASE - 1n, 2n)).toBe(false);
    expect(mm.isReadable(BASE + PAGE, PAGE)).toBe(true);
  });

  test("behave as a table of pages would", () => {
    const page = fc.integer({ min: 0, max: 15 });
    const step = fc.record({
      what: fc.constantFrom("map", "unmap", "protect"),
      page,
      count: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { mm } = setUp();
        const table = new Map<number, "hole" | number>();
        for (const [index, { what, page, count }] of steps.entries()) {
          applyTo(mm, table, { what, page, count, serial: 1000 + index });
        }
        for (let page = 0; page < 20; page++) {
          const entry = table.get(page);
          const found = mm.locate(BASE + BigInt(page) * PAGE);
          if (entry === "hole") expect(found).toBeUndefined();
          else if (entry !== undefined) expect(found?.object.serial).toBe(entry);
          else expect(found?.object.kind).toBe("private");
        }
      }),
    );
  });
});

function applyTo(
  mm: AddressSpace,
  table: Map<number, "hole" | number>,
  step: { what: string; page: number; count: number; serial: number },
): void {
  const first = BASE + BigInt(step.page) * PAGE;
  const length = BigInt(step.count) * PAGE;
  const object = { kind: "shared", serial: step.serial } as const;
  if (step.what === "map") mm.map(first, length, { object, offset: 0n, prot: 3, shared: true });
  else if (step.what === "unmap") mm.unmap(first, length);
  else mm.protect(first, length, 1);
  if (step.what === "protect") return;
  for (let page = step.page; page < step.page + step.count; page++) {
    table.set(page, step.what === "map" ? step.serial : "hole");
  }
}
