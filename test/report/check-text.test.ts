import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/checkers/finding.js";
import { type CheckedTrace, verdictOf } from "../../src/report/check-report.js";
import { checkText, seqsToShow } from "../../src/report/check-text.js";
import { PLAIN } from "../../src/report/style.js";
import { controlCharacters } from "../support/control-characters.js";

const OPTIONS = { style: PLAIN, findings_per_rule_max: 2, witness_max: 2 };

function finding(parts: Partial<Finding>): Finding {
  return {
    rule: "ses-double-preserve",
    family: "session",
    severity: "warning",
    seq: 9,
    message: "token 0x1 is preserved already",
    objects: ['session "vm7"'],
    witness: [],
    count: 1,
    fingerprint: "f",
    ...parts,
  };
}

function checked(findings: readonly Finding[], parts: Partial<CheckedTrace> = {}): CheckedTrace {
  const verdict = verdictOf(findings, []);
  const common = {
    path: "vm7.ndjson",
    events: 12,
    profile: "luo73",
    reasons: [],
    unrecorded: 0,
    skipped: {},
  };
  return { ...common, verdict, findings, ...parts };
}

describe("text of a checked trace", () => {
  test("says pass when there is nothing to say", () => {
    expect(checkText(checked([]), new Map(), OPTIONS)).toBe(
      "vm7.ndjson: PASS, no findings (12 events, profile luo73)\n",
    );
  });

  test("shows a finding with what proves it, what it is about and what to do", () => {
    const found = finding({ severity: "error", witness: [3, 5], count: 4 });
    const lines = new Map([
      [3, 'pid 7: open(path "/dev/liveupdate") = 3'],
      [9, "pid 7: LIVEUPDATE_SESSION_PRESERVE_FD(fd 4, token 0x1) = 0"],
    ]);
    expect(checkText(checked([found]), lines, OPTIONS)).toBe(`\
vm7.ndjson: FAIL, 1 error (12 events, profile luo73)

error ses-double-preserve at #9, 4 times
  token 0x1 is preserved already
  objects: session "vm7"
  #9 pid 7: LIVEUPDATE_SESSION_PRESERVE_FD(fd 4, token 0x1) = 0
  because of #3 pid 7: open(path "/dev/liveupdate") = 3
  because of #5

What a finding means and what to do about it:
  lutrace explain ses-double-preserve
`);
  });

  test("puts the most severe first, whatever its place in the trace", () => {
    const text = checkText(
      checked([
        finding({ rule: "a-info", severity: "info", seq: 1 }),
        finding({ rule: "b-warning", severity: "warning", seq: 2 }),
        finding({ rule: "c-error", severity: "error", seq: 3 }),
      ]),
      new Map(),
      OPTIONS,
    );
    expect(text.match(/^(error|warning|info) \S+/gm)).toEqual([
      "error c-error",
      "warning b-warning",
      "info a-info",
    ]);
  });

  test("counts what is too much to be shown", () => {
    const many = [1, 2, 3, 4, 5].map((seq) => finding({ seq, witness: [10, 11, 12, 13] }));
    const text = checkText(checked(many), new Map(), OPTIONS);
    expect(text).toContain("… and 3 more of ses-double-preserve");
    expect(text).toContain("because of 2 earlier events not shown, and");
    expect(seqsToShow(checked(many), OPTIONS)).toEqual(new Set([1, 2, 12, 13]));
  });

  test("names the findings that explain a finding", () => {
    const caused_by = [{ rule: "cmp-mapped-memory-not-preserved", seq: 4, fingerprint: "c" }];
    const text = checkText(checked([finding({ caused_by })]), new Map(), OPTIONS);
    expect(text).toContain("caused by cmp-mapped-memory-not-preserved at #4");
  });

  test("never prints an escape sequence of the trace", () => {
    const evil = finding({ message: "\u001b[2J gone", objects: ["\u202e txet"] });
    const trace = checked([evil], {
      path: "\u001b]0;t\u0007.ndjson",
      skipped: { "\u001b[31m": 1 },
    });
    expect(controlCharacters(checkText(trace, new Map(), OPTIONS))).toEqual([]);
  });
});

describe("verdict of a trace", () => {
  test("an error fails it, a warning does not", () => {
    expect(verdictOf([finding({ severity: "error" })], ["events were lost"])).toBe("fail");
    expect(verdictOf([finding({ severity: "warning" })], [])).toBe("pass");
  });

  test("it is unknown when a rule could not see what it needs", () => {
    expect(verdictOf([], ["the trace lost events"])).toBe("unknown");
  });
});
