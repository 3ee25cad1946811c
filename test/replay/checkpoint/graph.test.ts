import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGraph } from "../../../src/replay/checkpoint/decode-graph.js";
import { encodeGraph } from "../../../src/replay/checkpoint/encode-graph.js";
import type { StoredClass } from "../../../src/replay/checkpoint/graph-format.js";

class Point {
  readonly name: string;
  next: Point | undefined;
  private secret = 7;

  constructor(name: string) {
    this.name = name;
  }

  /** What a private field holds is state, too. */
  spend(): number {
    return this.secret--;
  }
}

class NamedPoint extends Point {
  readonly more = new Map<Point, number>();
}

const SHARED = { answer: () => 42 };

const surroundings = {
  classes: new Map<string, StoredClass>([
    ["Point", Point],
    ["NamedPoint", NamedPoint],
  ]),
  statics: new Map<string, object>([
    ["SHARED", SHARED],
    ["SHARED.answer", SHARED.answer],
  ]),
};

function roundTrip<T extends object>(root: T): T {
  return decodeGraph(Buffer.concat(encodeGraph(root, surroundings)), surroundings) as T;
}

describe("a graph", () => {
  test("comes back with its classes, and is another one", () => {
    const point = new NamedPoint("a");
    point.next = new Point("b");
    point.next.next = point;
    point.more.set(point.next, 3);
    point.spend();
    const copy = roundTrip(point);
    expect(copy).toBeInstanceOf(NamedPoint);
    expect(copy).not.toBe(point);
    expect(copy.next).toBeInstanceOf(Point);
    expect(copy.next).not.toBeInstanceOf(NamedPoint);
    expect(copy.next?.next).toBe(copy);
    expect([...copy.more.keys()][0]).toBe(copy.next);
    expect(copy.spend()).toBe(6);
    expect(point.spend()).toBe(6);
    expect(Object.keys(copy)).toEqual(Object.keys(point));
  });

  test("keeps one thing one, and two equal things two", () => {
    const one = { value: 1n };
    const [a, b, c] = roundTrip([one, one, { value: 1n }]);
    expect(a).toBe(b);
    expect(c).toEqual(a);
    expect(c).not.toBe(a);
  });

  test("refers to what belongs to the program", () => {
    const copy = roundTrip({ shared: SHARED, again: [SHARED], run: SHARED.answer });
    expect(copy.shared).toBe(SHARED);
    expect(copy.again[0]).toBe(SHARED);
    expect(copy.run).toBe(SHARED.answer);
  });

  test("keeps the bytes that typed arrays share, and only those that are shown", () => {
    const buffer = new ArrayBuffer(1 << 20);
    const words = new Uint32Array(buffer, 1024, 4);
    const bytes = new Uint8Array(buffer, 1026, 3);
    words.set([1, 0x01020304, 3, 4]);
    const parts = encodeGraph({ words, bytes }, surroundings);
    expect(Buffer.concat(parts).length).toBeLessThan(1000);
    const copy = roundTrip({ words, bytes });
    expect([...copy.words]).toEqual([...words]);
    copy.bytes[0] = 9;
    expect(copy.words[0]).toBe(0x0009_0001);
    expect(words[0]).toBe(1);
  });

  test("keeps every kind of typed array", () => {
    const made = [
      new Uint8Array([1, 255]),
      new Int8Array([-1]),
      new Uint8ClampedArray([7]),
      new Uint16Array([65535]),
      new Int16Array([-2]),
      new Uint32Array([0xffff_ffff]),
      new Int32Array([-3]),
      new Float32Array([1.5]),
      new Float64Array([Math.PI]),
      new BigUint64Array([(1n << 64n) - 1n]),
      new BigInt64Array([-1n]),
      Buffer.from("text"),
      new DataView(new ArrayBuffer(3)),
      new ArrayBuffer(2),
      new Uint8Array(0),
    ];
    const copies = roundTrip(made);
    expect(copies).toEqual(made);
    copies.forEach((copy, index) => {
      expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(made[index]));
    });
  });

  test("keeps values to the last bit", () => {
    const values = [
      ...[0, -0, 1, -1, 127, 128, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53)],
      ...[0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE],
      ...[0n, 1n, -1n, 1n << 31n, (1n << 64n) - 1n, 1n << 64n, -(1n << 200n)],
      ...["", "text", "\ud800", "\0", "ø", "💾", true, false, null, undefined],
    ];
    const copy = roundTrip(values);
    expect(copy.length).toBe(values.length);
    values.forEach((value, index) => {
      expect(Object.is(copy[index], value), `value ${index}`).toBe(true);
    });
  });

  test("keeps keys whatever they are called", () => {
    const things = { ["__proto__"]: 1, constructor: 2, 'a"b\n': 3, 10: 4, 2: 5, "": 6 };
    const copy = roundTrip(things);
    expect(Object.entries(copy)).toEqual(Object.entries(things));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  test("keeps any data", () => {
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: false,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(roundTrip([value])).toStrictEqual([value]);
      }),
      { numRuns: 500 },
    );
  });

  test("may be deep", () => {
    let chain: { readonly next: unknown } = { next: undefined };
    for (let depth = 0; depth < 100_000; depth++) chain = { next: chain };
    let copy: unknown = roundTrip(chain);
    let depth = 0;
    while (copy !== undefined) {
      copy = (copy as { next: unknown }).next;
      depth++;
    }
    expect(depth).toBe(100_001);
  });
});

describe("what cannot be stored is refused, with the way to it", () => {
  const refused = (root: object): string => {
    try {
      encodeGraph(root, surroundings);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return "stored";
  };

  test("a function that is not the program's own", () => {
    const place = { list: [new Map([["k", { run: () => 1 }]])] };
    expect(refused(place)).toBe("Object.list[0].get(k) (Object) cannot be stored: a function");
  });

  test("a symbol", () => {
    expect(refused({ sign: Symbol("x") })).toBe("Object (Object) cannot be stored: a symbol");
  });

  test("an instance of an unknown class", () => {
    class Unknown {}
    expect(refused({ things: [new Unknown()] })).toContain("Object.things[0] (Unknown)");
    expect(refused({ when: new Date() })).toContain("Object.when (Date)");
    expect(refused({ weak: new WeakMap() })).toContain("Object.weak (WeakMap)");
    expect(refused(Object.create(null))).toContain("its class is not among the stored classes");
  });
});
