import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assignShards, parseShard } from "../../../src/cli/many/shard.js";

describe("--shard", () => {
  test("is a part of a whole", () => {
    expect(parseShard("2/8")).toEqual({ index: 2, of: 8 });
    expect(parseShard("1/1")).toEqual({ index: 1, of: 1 });
  });

  test.each(["", "2", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.5/4", "1/20000", " 1/2"])(
    "%j is none",
    (text) => {
      expect(() => parseShard(text)).toThrow("--shard needs I/N");
    },
  );
});

describe("shards", () => {
  const weights = fc.array(fc.nat(1_000_000), { maxLength: 200 });
  const count = fc.integer({ min: 1, max: 20 });

  test("each item is done by one shard, and always by the same", () => {
    fc.assert(
      fc.property(weights, count, (weights, shards) => {
        const assigned = assignShards(weights, shards);
        expect(assigned).toHaveLength(weights.length);
        expect(assigned.every((shard) => shard >= 0 && shard < shards)).toBe(true);
        expect(assignShards([...weights], shards)).toEqual(assigned);
      }),
    );
  });

  test("no shard has more than another by more than one item", () => {
    fc.assert(
      fc.property(weights, count, (weights, shards) => {
        const loads = new Array<number>(shards).fill(0);
        for (const [item, shard] of assignShards(weights, shards).entries()) {
          loads[shard] = (loads[shard] ?? 0) + (weights[item] ?? 0);
        }
        const spread = Math.max(...loads) - Math.min(...loads);
        expect(spread).toBeLessThanOrEqual(Math.max(0, ...weights));
      }),
    );
  });

  test("a large trace has a shard for itself", () => {
    expect(assignShards([10, 1000, 10, 10], 2)).toEqual([1, 0, 1, 1]);
  });
});
