import { describe, expect, test } from "vitest";
import { canonicalJson, readableJson } from "../../src/replay/state/state-text.js";
import { LazyList, toPlain } from "../../src/replay/state/state-value.js";

const canonical = (value: Parameters<typeof canonicalJson>[0]): string =>
  [...canonicalJson(value)].join("");
const readable = (value: Parameters<typeof readableJson>[0]): string =>
  [...readableJson(value)].join("");

describe("canonical JSON", () => {
  test("does not depend on the order in which keys were made", () => {
    const one = { b: 1, a: { y: [1, 2], x: null } };
    const other = { a: { x: null, y: [1, 2] }, b: 1 };
    expect(canonical(one)).toBe('{"a":{"x":null,"y":[1,2]},"b":1}');
    expect(canonical(other)).toBe(canonical(one));
  });

  test("leaves absent keys out and keeps the order of lists", () => {
    expect(canonical({ a: undefined, b: [2, 1] })).toBe('{"b":[2,1]}');
    expect(canonical([])).toBe("[]");
    expect(canonical({})).toBe("{}");
  });

  test("escapes as JSON does", () => {
    expect(JSON.parse(canonical({ 'a"b': '\u0000"\n' }))).toEqual({ 'a"b': '\u0000"\n' });
  });

  test("a list that is made while it is read gives the same text as one that lies there", () => {
    const lazy = new LazyList(function* () {
      for (let n = 0; n < 3; n++) yield { n };
    });
    const plain = [{ n: 0 }, { n: 1 }, { n: 2 }];
    expect(canonical({ list: lazy })).toBe(canonical({ list: plain }));
    expect(toPlain({ list: lazy })).toEqual({ list: plain });
  });

  test("comes in pieces, so that a long list never lies in memory at once", () => {
    const lazy = new LazyList(function* () {
      for (let n = 0; n < 100_000; n++) yield n;
    });
    const pieces = [...canonicalJson(lazy)];
    expect(pieces.length).toBeGreaterThan(4);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(128 * 1024);
  });
});

describe("readable JSON", () => {
  test("is the same document, with one line for an entry of a table", () => {
    const document = { name: "x", areas: [{ first: "0x0", last: "0xfff" }, { first: "0x1000" }] };
    expect(readable(document)).toBe(`{
  "name": "x",
  "areas": [
    {"first":"0x0","last":"0xfff"},
    {"first":"0x1000"}
  ]
}`);
    expect(JSON.parse(readable(document))).toEqual(document);
  });
});
