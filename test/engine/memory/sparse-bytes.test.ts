import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SparseBytes } from "../../../src/engine/memory/sparse-bytes.js";

const SIZE = 64;
/** What changes lie in: a few pages, so that some are changed as a whole. */
const WINDOW = 4 * 4096;
/** At the start, across the end of exact doubles, and at the end of u64. */
const BASES = [0n, (1n << 53n) - 8192n, (1n << 64n) - BigInt(WINDOW)];

const place = fc.oneof(
  fc.integer({ min: 0, max: WINDOW - 1 }),
  fc.constantFrom(0, 1, 4095, 4096, 8191, 8192, 12287, 12288, WINDOW - 1),
);
const range = fc
  .tuple(place, place)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const change = fc
  .record({
    how: fc.constantFrom("write", "clear", "forget"),
    range,
    value: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ range, ...rest }) => ({ ...rest, ...range }));

function bytesOf(array: Int16Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function fnv1a64(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & ((1n << 64n) - 1n);
  return hash.toString(16).padStart(16, "0");
}

describe("contents of memory", () => {
  test("are what an array of bytes would hold", () => {
    const step = fc.oneof(
      fc.record({
        at: fc.integer({ min: 0, max: SIZE - 1 }),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
      }),
      fc.record({
        at: fc.integer({ min: 0, max: SIZE - 1 }),
        zeros: fc.integer({ min: 1, max: 20 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const model = new Uint8Array(SIZE * 2);
        const sparse = new SparseBytes();
        for (const step of steps) {
          if ("bytes" in step) {
            model.set(step.bytes, step.at);
            sparse.write(BigInt(step.at), step.bytes);
          } else {
            model.fill(0, step.at, step.at + step.zeros);
            sparse.clear(BigInt(step.at), BigInt(step.at + step.zeros - 1));
          }
        }
        expect(sparse.read(0n, model.length)).toEqual(model);
        expect(sparse.read(3n, 17)).toEqual(model.subarray(3, 20));
        expect(sparse.fnv1a64(50n)).toBe(fnv1a64(model.subarray(0, 50)));
      }),
    );
  });

  test.each(BASES)("are known, unknown or zero byte by byte, from %s on", (base) => {
    const unknown = -1;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), range, (changes, asked) => {
        const model = new Int16Array(WINDOW);
        const sparse = new SparseBytes();
        for (const { how, first, last, value } of changes) {
          const [from, to] = [base + BigInt(first), base + BigInt(last)];
          if (how === "write") {
            model.fill(value, first, last + 1);
            sparse.write(from, new Uint8Array(last - first + 1).fill(value));
          } else if (how === "clear") {
            model.fill(0, first, last + 1);
            sparse.clear(from, to);
          } else {
            model.fill(unknown, first, last + 1);
            if (to > 1n << 52n || value > 99) sparse.forget(from, to);
            else sparse.forgetAt(Number(from), last - first + 1);
          }
        }
        const { first, last } = asked;
        const part = model.subarray(first, last + 1);
        for (const memory of [sparse, sparse.clone()]) {
          const found = memory.read(base + BigInt(first), part.length);
          expect(found === undefined).toBe(part.includes(unknown));
          if (found !== undefined) expect(Buffer.compare(found, Uint8Array.from(part))).toBe(0);
          const told = new Int16Array(WINDOW);
          for (const run of memory.runs()) {
            const [from, to] = [Number(run.first - base), Number(run.last - base)];
            if (run.bytes === undefined) told.fill(unknown, from, to + 1);
            else told.set(run.bytes, from);
          }
          expect(Buffer.compare(bytesOf(told), bytesOf(model))).toBe(0);
          if (base > 0n) continue;
          const known = !model.subarray(0, last).includes(unknown);
          const bytes = Uint8Array.from(model.subarray(0, last));
          expect(memory.fnv1a64(BigInt(last))).toBe(known ? fnv1a64(bytes) : undefined);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("are unknown where somebody forgot them, and known again once written", () => {
    const sparse = new SparseBytes();
    sparse.forget(10n, 19n);
    expect(sparse.read(0n, 10)).toEqual(new Uint8Array(10));
    expect(sparse.read(5n, 10)).toBeUndefined();
    expect(sparse.fnv1a64(11n)).toBeUndefined();
    sparse.write(10n, new Uint8Array(10).fill(7));
    expect(sparse.read(9n, 2)).toEqual(new Uint8Array([0, 7]));
  });

  test("are zeros after a reset", () => {
    const sparse = new SparseBytes();
    sparse.forget(0n, 9999n);
    sparse.write(20_000n, Uint8Array.of(1, 2));
    sparse.reset();
    expect([...sparse.runs()]).toEqual([]);
    expect(sparse.read(19_999n, 4)).toEqual(new Uint8Array(4));
  });

  test("of a huge hole hash without being looked at", () => {
    const length = 1_000_003;
    expect(new SparseBytes().fnv1a64(BigInt(length))).toBe(fnv1a64(new Uint8Array(length)));
    expect(new SparseBytes().fnv1a64(1n << 40n)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("are given up when they take too much room", () => {
    const sparse = new SparseBytes();
    const block = new Uint8Array(1 << 20).fill(1);
    for (let at = 0; at < 20; at++) sparse.write(BigInt(at) << 20n, block);
    expect(sparse.read(0n, 1)).toBeUndefined();
  });

  test("that are written over and over stay", () => {
    const sparse = new SparseBytes();
    const block = new Uint8Array(1 << 20).fill(1);
    for (let count = 0; count < 40; count++) sparse.write(0n, block);
    expect(sparse.read(0n, 2)).toEqual(new Uint8Array([1, 1]));
  });
});
