import { describe, expect, test } from "vitest";
import { createChecker, profilesOf } from "../../src/checkers/checker.js";
import { FINDINGS_PER_RULE_MAX } from "../../src/checkers/findings.js";
import { fingerprintOf } from "../../src/checkers/fingerprint.js";
import { plainName, printable } from "../../src/checkers/names.js";
import { defineRule, type Rule } from "../../src/checkers/rule.js";
import type { Event } from "../../src/engine/event/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";

/** Reports each note; its text says what about: `message object witness…`. */
const noteRule = defineRule({
  id: "trace-note",
  family: "trace",
  severity: "error",
  severity_in: { p2: "warning" },
  profiles: ["luo73", "p2"],
  summary: "Nobody writes notes.",
  sources: ["this test"],
  messages: {
    written: "note about {thing} at {place}",
    mild: { text: "a mild note", severity: "info" },
  },
  create(context) {
    return {
      event: {
        note(event) {
          const [message, thing = "", ...witness] = event.text.split(" ");
          const common = {
            seq: event.seq,
            objects: [{ ...plainName("thing", thing), stable: thing.replace(/#\d+/, "") }],
            witness: witness.map(Number),
          };
          if (message === "mild") context.report({ message: "mild", ...common });
          else if (message === "unsure") context.unknown("a note was unsure");
          else context.report({ message: "written", data: { thing, place: 16n }, ...common });
        },
      },
    };
  },
});

function check(notes: readonly (string | Event)[], rule: Rule = noteRule, id: ProfileId = "luo73") {
  const machine = new Machine(PROFILES[id]);
  const checker = createChecker({ profile: id, rules: [rule] });
  notes.forEach((note, seq) => {
    const event: Event = typeof note === "string" ? { type: "note", seq, text: note } : note;
    checker.step(machine.apply(event), machine);
  });
  return { findings: checker.finish({}, machine), verdicts: checker.verdicts(), checker };
}

describe("a report becomes a finding", () => {
  test("the text is made from the data, u64 as hex", () => {
    const { findings } = check(["written a"]);
    expect(findings).toEqual([
      {
        rule: "trace-note",
        family: "trace",
        severity: "error",
        seq: 0,
        message: "note about a at 0x10",
        objects: ["a"],
        witness: [],
        count: 1,
        fingerprint: fingerprintOf("trace-note", "written", ["a"]),
      },
    ]);
  });

  test("the same message about the same object is one finding, and counted", () => {
    const { findings } = check(["written a", "written b", "written a", "mild a"]);
    expect(findings.map((f) => [f.message, f.count])).toEqual([
      ["note about a at 0x10", 2],
      ["note about b at 0x10", 1],
      ["a mild note", 1],
    ]);
  });

  test("witnesses come in order, once, and without the event itself", () => {
    const { findings } = check(["mild x", "mild x", "written a 1 0 1 2"]);
    expect(findings.at(-1)?.witness).toEqual([0, 1]);
  });

  test("of very many witnesses the first and the last stay", () => {
    const many = Array.from({ length: 40 }, (_, seq) => seq);
    const { findings } = check([...many.map(() => "unsure"), `written a ${many.join(" ")}`]);
    const { witness = [] } = findings[0] ?? {};
    expect([witness.length, witness[0], witness.at(-1)]).toEqual([16, 0, 39]);
  });

  test("a message may have its own severity, a profile another one for the rest", () => {
    const severities = (id: ProfileId) =>
      check(["written a", "mild a"], noteRule, id).findings.map((f) => f.severity);
    expect(severities("luo73")).toEqual(["error", "info"]);
    expect(severities("p2")).toEqual(["warning", "info"]);
  });

  test("findings beyond the limit are only counted", () => {
    const notes = Array.from({ length: FINDINGS_PER_RULE_MAX + 5 }, (_, i) => `written n${i}`);
    expect(check(notes).findings).toHaveLength(FINDINGS_PER_RULE_MAX);
  });
});

describe("fingerprints", () => {
  test("do not change with the place in the trace or with an object's number", () => {
    const [a] = check(["written vm#1"]).findings;
    const [b] = check(["unsure", "written vm#7"]).findings;
    expect(a?.fingerprint).toBe(b?.fingerprint);
  });

  test("tell rules, messages and objects apart", () => {
    const prints = [
      fingerprintOf("a", "m", ["x"]),
      fingerprintOf("b", "m", ["x"]),
      fingerprintOf("a", "n", ["x"]),
      fingerprintOf("a", "m", ["y"]),
      fingerprintOf("a", "m", ["x", "y"]),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe("what was lost cannot prove anything", () => {
  const lost: Event = { type: "lost_events", seq: 1 };

  test("an error without evidence since the loss is only information", () => {
    const { findings } = check(["unsure", lost, "written a"]);
    expect(findings[0]?.severity).toBe("info");
    expect(findings[0]?.message).toContain("events were lost");
  });

  test("an error with evidence from after the loss stays one", () => {
    const { findings } = check(["unsure", lost, "unsure", "written a 2"]);
    expect(findings[0]?.severity).toBe("error");
  });

  test("an error from before the loss stays one", () => {
    expect(check(["written a", lost]).findings[0]?.severity).toBe("error");
  });
});

describe("verdicts", () => {
  test("fail with a finding, pass without, unknown when the rule could not see", () => {
    expect(check(["written a", "unsure"]).verdicts[0]?.verdict).toBe("fail");
    expect(check([]).verdicts[0]?.verdict).toBe("pass");
    expect(check(["unsure"]).verdicts[0]).toEqual({
      rule: "trace-note",
      verdict: "unknown",
      reasons: ["a note was unsure"],
    });
  });

  test("a trace that lost events passes no rule", () => {
    const { verdicts } = check([{ type: "lost_events", seq: 0 }]);
    expect(verdicts[0]?.reasons).toEqual(["the trace lost events"]);
  });
});

describe("profiles", () => {
  test("a rule of other profiles does not take part", () => {
    expect(check(["written a"], noteRule, "p1v5").checker.rules).toEqual([]);
  });

  test("without a stated profile domains are judged by the agreed model", () => {
    expect(profilesOf("luo73", undefined)).toEqual(["luo73", "seed"]);
    expect(profilesOf("luo73", { profile: "luo73" })).toEqual(["luo73"]);
    expect(profilesOf("luo73", { profile_overridden: true })).toEqual(["luo73"]);
    expect(profilesOf("p2", undefined)).toEqual(["p2"]);
  });
});

describe("printable", () => {
  test("control characters, escapes and invisible ones are written out", () => {
    expect(printable("vm\u001b[31m\n")).toBe("vm\\x1b[31m\\x0a");
    expect(printable("a\u202eb")).toBe("a\\x202eb");
    expect(printable("\u00c3\u00a9")).toBe("\u00e9");
  });

  test("padding goes, long text is cut", () => {
    expect(printable("vm1\0\0\0")).toBe("vm1");
    expect(printable("x".repeat(100))).toHaveLength(80);
  });
});
