/** Reserved and allowed ranges, and what an IOAS tells about them. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gapsOf, mergeRanges, ReservedRanges } from "../../../src/engine/iommufd/reserved.js";
import { BUFFER, type Iommufd, iommufd, U64_MAX } from "./ioas-kernel.js";

function reserve(fd: Iommufd, start: bigint, length: bigint, id = 1): unknown {
  return fd.test("ADD_RESERVED", { op: 1, id, start, length });
}

/** The call with an array of `num` entries, all bytes 0xee before. */
function ranges(fd: Iommufd, num: number, more = {}) {
  const before = new Uint8Array(num * 16).fill(0xee);
  const length_bytes = BigInt(before.length);
  const mem = { field: "allowed_iovas", addr: BUFFER, length_bytes, in: before, out: before };
  const fields = { size: 32, ioas_id: 1, num_iovas: num, __reserved: 0, allowed_iovas: BUFFER };
  const parts = num > 0 ? { mem } : {};
  const outcome = fd.call("IOMMU_IOAS_IOVA_RANGES", { ...fields, ...more }, parts);
  const view = outcome.mem_out === undefined ? undefined : new DataView(outcome.mem_out.buffer);
  const entries = Array.from({ length: num }, (_, index) => [
    view?.getBigUint64(index * 16, true),
    view?.getBigUint64(index * 16 + 8, true),
  ]);
  return { errno: outcome.errno, out: outcome.out, entries };
}

describe("ranges", () => {
  test("that overlap or touch become one, up to the end of the space", () => {
    const merged = mergeRanges([
      { first: 8n, last: U64_MAX },
      { first: 0n, last: 3n },
      { first: 4n, last: 4n },
      { first: 9n, last: 12n },
    ]);
    expect(merged).toEqual([
      { first: 0n, last: 4n },
      { first: 8n, last: U64_MAX },
    ]);
    expect([...gapsOf(merged, 0n, U64_MAX)]).toEqual([{ first: 5n, last: 7n }]);
    expect([...gapsOf(merged, 6n, 6n)]).toEqual([{ first: 6n, last: 6n }]);
    expect([...gapsOf([{ first: 0n, last: U64_MAX }], 0n, U64_MAX)]).toEqual([]);
  });
});

describe("reservations", () => {
  test("of several owners merge and come apart as a byte map says", () => {
    const step = fc.record({ first: fc.nat(60), length: fc.integer({ min: 1, max: 9 }) });
    const owned = fc.tuple(step, fc.nat(3), fc.boolean());
    fc.assert(
      fc.property(fc.array(owned, { maxLength: 40 }), (steps) => {
        const owners = [{}, {}, {}, {}];
        const reserved = new ReservedRanges();
        let held: { first: number; last: number; owner: number }[] = [];
        for (const [{ first, length }, owner, release] of steps) {
          const last = first + length - 1;
          const key = owners[owner] ?? owners;
          if (release) {
            expect(reserved.release(key)).toBe(held.some((entry) => entry.owner === owner));
            held = held.filter((entry) => entry.owner !== owner);
          } else {
            reserved.add(BigInt(first), BigInt(last), key);
            held.push({ first, last, owner });
          }
        }
        const map = Array.from({ length: 72 }, (_, at) =>
          held.some((entry) => entry.first <= at && at <= entry.last),
        );
        map.forEach((taken, at) => {
          expect(reserved.meets(BigInt(at), BigInt(at))).toBe(taken);
        });
        const free = map.flatMap((taken, at) => (taken ? [] : [at]));
        const told = [...reserved.gaps(0n, 71n)].flatMap(({ first, last }) =>
          Array.from({ length: Number(last - first) + 1 }, (_, index) => Number(first) + index),
        );
        expect(told).toEqual(free);
        const borders = reserved.merged.slice(1).map(({ first }, index) => {
          return first - (reserved.merged[index]?.last ?? 0n);
        });
        expect(borders.every((distance) => distance > 1n)).toBe(true);
      }),
    );
  });
});

describe("IOAS_IOVA_RANGES", () => {
  test("tells the gaps between reservations, whatever is mapped or allowed", () => {
    const fd = iommufd();
    fd.mapFixed(0x1000n);
    expect(ranges(fd, 1)).toMatchObject({
      errno: undefined,
      out: { num_iovas: 1, out_iova_alignment: 1n },
      entries: [[0n, U64_MAX]],
    });
    const other = iommufd();
    other.mockDomain();
    expect(ranges(other, 1)).toMatchObject({
      out: { num_iovas: 1, out_iova_alignment: 2048n },
      entries: [[0x100_0000n, 0x7fff_ffffn]],
    });
  });

  test("writes what fits before it says that it does not", () => {
    const fd = iommufd();
    reserve(fd, 0x1000n, 0x1000n);
    reserve(fd, 0x5000n, 0x1000n);
    expect(ranges(fd, 2)).toEqual({
      errno: "EMSGSIZE",
      out: { num_iovas: 3, out_iova_alignment: 1n },
      entries: [
        [0n, 0xfffn],
        [0x2000n, 0x4fffn],
      ],
    });
    expect(ranges(fd, 0)).toMatchObject({ errno: "EMSGSIZE", out: { num_iovas: 3 } });
    const spare = ranges(fd, 4);
    expect(spare.errno).toBeUndefined();
    expect(spare.entries[3]).toEqual([0xeeee_eeee_eeee_eeeen, 0xeeee_eeee_eeee_eeeen]);
  });

  test("an array that cannot be written ends the call before the answer", () => {
    const fd = iommufd();
    expect(ranges(fd, 1, { allowed_iovas: 0n })).toMatchObject({ errno: "EFAULT", out: {} });
    expect(ranges(fd, 1, { __reserved: 1, ioas_id: 9 }).errno).toBe("EOPNOTSUPP");
    expect(ranges(fd, 1, { ioas_id: 9 }).errno).toBe("ENOENT");
  });
});

describe("ADD_RESERVED", () => {
  test.each([
    { start: 0n, length: 0n, id: 9, answer: "EINVAL" },
    { start: U64_MAX, length: 2n, id: 9, answer: "EOVERFLOW" },
    { start: U64_MAX, length: 1n, id: 9, answer: "ENOENT" },
    { start: U64_MAX, length: 1n, id: 1, answer: 0 },
    { start: 0x1fffn, length: 1n, id: 1, answer: "EADDRINUSE" },
    { start: 0x4000n, length: 0x1001n, id: 1, answer: "EADDRINUSE" },
    { start: 0x3000n, length: 0x2000n, id: 1, answer: 0 },
  ])("$length bytes at $start in IOAS $id: $answer", ({ start, length, id, answer }) => {
    const fd = iommufd();
    fd.mapFixed(0x1000n);
    fd.allow([[0x5000n, 0x5fffn]]);
    expect(reserve(fd, start, length, id)).toBe(answer);
  });
});

describe("IOAS_ALLOW_IOVAS", () => {
  test("empty entries and entries that meet are refused, and the old list stays", () => {
    const fd = iommufd();
    expect(fd.allow([[0x1000n, 0x1fffn]])).toBe(0);
    expect(fd.allow([[0x3000n, 0x3000n]])).toBe("EINVAL");
    expect(
      fd.allow([
        [0x3000n, 0x4000n],
        [0x4000n, 0x5000n],
      ]),
    ).toBe("EINVAL");
    expect(fd.ioas().allowed.entries).toEqual([{ first: 0x1000n, last: 0x1fffn }]);
    expect(fd.allow([])).toBe(0);
    expect(fd.ioas().allowed.entries).toEqual([]);
  });

  test("must not meet what is reserved, nor the other way round", () => {
    const fd = iommufd();
    reserve(fd, 0x1000n, 0x1000n);
    expect(fd.allow([[0x1fffn, 0x3000n]])).toBe("EADDRINUSE");
    expect(fd.allow([[0x2000n, 0x3000n]])).toBe(0);
    expect(reserve(fd, 0x3000n, 1n)).toBe("EADDRINUSE");
    expect(fd.test("MOCK_DOMAIN", { op: 2, id: 1 })).toBe("EADDRINUSE");
  });

  test("an array that is too short for its number is EFAULT at the first missing entry", () => {
    const fd = iommufd();
    const fields = { size: 24, ioas_id: 1, num_iovas: 1, allowed_iovas: 0n };
    const mem = { field: "allowed_iovas", addr: 0n, length_bytes: 16n, in: null, out: null };
    expect(fd.answer("IOMMU_IOAS_ALLOW_IOVAS", fields, { mem })).toBe("EFAULT");
  });
});
