import { describe, expect, test } from "vitest";
import { compareResult } from "../../../src/replay/corpus/compare-result.js";
import {
  type CorpusResult,
  expectationText,
  parseExpectation,
} from "../../../src/replay/corpus/expectation.js";

const GOT: CorpusResult = {
  findings: [
    { rule: "ses-double-preserve", seq: 9, objects: ['session "vm7"'] },
    { rule: "trace-fd-unknown", seq: 3, objects: ["pid 7 fd 9"] },
  ],
  stateHash: "abc",
  calls: { total: 10, predicted: 9, diverged: 1, unmodelled: 0 },
};

const parse = (value: unknown) => parseExpectation(JSON.stringify(value), "x.expect.json");

describe("an expectation", () => {
  test("that holds gives no difference", () => {
    expect(compareResult(parse(GOT), GOT)).toEqual([]);
  });

  test("compares only what it states", () => {
    const findings = [...GOT.findings].reverse().map(({ rule, seq }) => ({ rule, seq }));
    expect(compareResult(parse({ findings }), GOT)).toEqual([]);
    expect(compareResult(parse({}), { ...GOT, stateHash: "other" })).toEqual([]);
  });

  test("says which finding is missing and which was not expected", () => {
    const expected = parse({
      findings: [{ rule: "trace-fd-unknown", seq: 4 }, ...GOT.findings.slice(0, 1)],
    });
    expect(compareResult(expected, GOT)).toEqual([
      {
        kind: "missing_finding",
        what: "trace-fd-unknown at #4",
        expected: "found",
        got: "not found",
      },
      {
        kind: "unexpected_finding",
        what: "trace-fd-unknown at #3 about pid 7 fd 9",
        expected: "none",
        got: "found",
      },
    ]);
  });

  test("counts equal findings: two are not one", () => {
    const [first] = GOT.findings;
    const twice = parse({ findings: [...GOT.findings, first] });
    expect(compareResult(twice, GOT).map(({ kind }) => kind)).toEqual(["missing_finding"]);
  });

  test("compares the objects of a finding where it states them", () => {
    const expected = parse({
      findings: [{ ...GOT.findings[0], objects: ["another"] }, GOT.findings[1]],
    });
    expect(compareResult(expected, GOT).map(({ kind }) => kind)).toEqual([
      "missing_finding",
      "unexpected_finding",
    ]);
  });

  test("says which count and that the state differs", () => {
    const got = { ...GOT, stateHash: "def", calls: { ...GOT.calls, predicted: 8, diverged: 2 } };
    expect(
      compareResult(parse(GOT), got).map(({ what, expected, got }) => [what, expected, got]),
    ).toEqual([
      ["calls predicted", "9", "8"],
      ["calls diverged", "1", "2"],
      ["state hash", "abc", "def"],
    ]);
  });

  test.each([
    ["{", "not JSON"],
    ['{"finding":[]}', "finding"],
    ['{"findings":[{"rule":"x"}]}', "findings.0.seq"],
    ['{"profile":"luo99"}', "profile"],
  ])("%s is refused with its place", (text, place) => {
    expect(() => parseExpectation(text, "x.expect.json")).toThrow(place);
    expect(() => parseExpectation(text, "x.expect.json")).toThrow("x.expect.json");
  });
});

describe("a rewritten expectation", () => {
  test("keeps what only a person can say", () => {
    const old = parse({ description: "a story", profile: "p2", findings: [] });
    expect(JSON.parse(expectationText(GOT, old))).toEqual({
      description: "a story",
      profile: "p2",
      findings: GOT.findings.map(({ rule, seq }) => ({ rule, seq })),
    });
  });

  test("holds for the result it was written from", () => {
    const text = expectationText(GOT, undefined);
    expect(compareResult(parseExpectation(text, ""), GOT)).toEqual([]);
  });

  test("goes on stating objects where the old one did", () => {
    const old = parse({ findings: [{ rule: "trace-fd-unknown", seq: 3, objects: ["?"] }] });
    const { findings } = JSON.parse(expectationText(GOT, old));
    expect(findings).toEqual([{ rule: "ses-double-preserve", seq: 9 }, GOT.findings[1]]);
  });
});
