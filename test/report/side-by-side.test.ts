/** One trace under several profiles: each run alone, and what the comparison says about them. */

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/checkers/finding.js";
import type { ProfileId } from "../../src/engine/profile/index.js";
import { openTrace } from "../../src/replay/source.js";
import { checkTrace } from "../../src/report/check-trace.js";
import { replayTrace } from "../../src/report/replay-trace.js";
import { checkProfiles } from "../../src/report/side-by-side/check-profiles.js";
import {
  type MatchedFinding,
  matchFindings,
} from "../../src/report/side-by-side/match-findings.js";
import type { ComparedTrace } from "../../src/report/side-by-side/profiles-report.js";

const TRACES = join(import.meta.dirname, "..", "..", "traces");
const UPDATE = join(TRACES, "scenarios", "S01-one-vm-one-device.p2.ndjson");
const HAZARD = join(TRACES, "captures", "series", "hazard_punch.ndjson.gz");
const MOVED = ruleTrace("imm-device-attachment-changed-after-preserve");

function ruleTrace(rule: string, story = "fires"): string {
  return join(TRACES, "rules", rule, `${story}.ndjson`);
}

async function compare(path: string, ...profiles: ProfileId[]): Promise<ComparedTrace> {
  return (await checkProfiles(await openTrace(path), { profiles })).trace;
}

function about(trace: ComparedTrace, rule: string): MatchedFinding | undefined {
  return trace.findings.find((finding) => finding.rule === rule);
}

describe("each run is what it is alone", () => {
  const ALL: readonly ProfileId[] = ["luo73", "seed", "rfc2", "p1v1", "p1v5", "p2"];

  test.each([UPDATE, HAZARD, MOVED, ruleTrace("own-foreign-bind-preserved-device")])(
    "%s",
    async (path) => {
      const together = await compare(path, ...ALL);
      for (const run of together.runs) {
        const { profile } = run;
        const alone = (await checkTrace(await openTrace(path), { profile })).trace;
        const { verdict, reasons, findings } = alone;
        expect({ ...run, profile }).toMatchObject({ verdict, reasons, findings });
        const replayed = (await replayTrace(await openTrace(path), { profile })).trace;
        expect(run.calls).toEqual(replayed.calls);
      }
    },
  );
});

describe("where runs part", () => {
  test("the freeze that stops a device is where p1v5 and p2 part first", async () => {
    const { partings, same } = await compare(UPDATE, "p1v5", "p2");
    expect(same).toBe(false);
    expect(partings).toHaveLength(1);
    expect(partings[0]).toMatchObject({ profile: "p2", from: "p1v5", op: "reboot", what: "state" });
    expect(partings[0]?.facts.map(({ fact }) => fact)).toEqual(["boot.freeze_stops_device"]);
  });

  test("a call with another answer names the deciding fact and what was recorded", async () => {
    const { calls } = await compare(UPDATE, "p1v5", "p2");
    const retrieve = calls.find(({ op }) => op === "LIVEUPDATE_SESSION_RETRIEVE_FD");
    expect(retrieve).toMatchObject({ times: 1, recorded: "success" });
    expect(retrieve?.answers.map(({ profile, answer }) => [profile, answer])).toEqual([
      ["p1v5", "EOPNOTSUPP"],
      ["p2", "success"],
    ]);
    expect(retrieve?.facts).toMatchObject([
      {
        fact: "restore.retrieve_iommufd",
        says: { p1v5: "refused with EOPNOTSUPP", p2: "allowed" },
      },
    ]);
  });

  test("what a device does counts like an answer", async () => {
    const { calls } = await compare(UPDATE, "p1v5", "p2");
    const [dma] = calls.filter(({ op }) => op === "dma");
    expect(dma).toMatchObject({
      recorded: "observed ok",
      answers: [
        { profile: "p1v5", answer: "observed fault" },
        { profile: "p2", answer: "observed ok" },
      ],
    });
    expect(dma?.facts.map(({ fact }) => fact)).toEqual(["boot.freeze_stops_device"]);
  });

  test("a fact that an earlier call has decided is found where it shows", async () => {
    const { calls } = await compare(ruleTrace("imm-destroy-preserved-hwpt"), "rfc2", "p2");
    const destroy = calls.find(({ op }) => op === "IOMMU_DESTROY");
    expect(destroy?.facts.map(({ fact }) => fact)).toEqual(["immutable.destroy_preserved_hwpt"]);
  });

  test("profiles that do the same with a trace have no parting", async () => {
    const memory = join(TRACES, "scenarios", "S02-memfd-only.luo73.ndjson");
    const trace = await compare(memory, "p1v5", "p2");
    expect(trace).toMatchObject({ same: true, partings: [], calls: [] });
  });

  test("of three profiles each is held against the first", async () => {
    const { partings } = await compare(UPDATE, "p2", "p1v5", "seed");
    expect(partings.map(({ profile, from }) => [from, profile])).toEqual([
      ["p2", "p1v5"],
      ["p2", "seed"],
    ]);
  });
});

describe("what each profile says about a fault", () => {
  test("a rule that does not hold is named as such, not taken for a pass", async () => {
    const trace = await compare(MOVED, "luo73", "p2");
    expect(about(trace, "imm-device-attachment-changed-after-preserve")?.under).toEqual([
      { profile: "luo73", status: "rule_not_applied" },
      { profile: "p2", status: "found", severity: "error" },
    ]);
    const [luo73, p2] = trace.runs;
    expect(luo73?.rulesNotApplied).toContain("imm-device-attachment-changed-after-preserve");
    expect(p2?.rulesNotApplied).toEqual([]);
  });

  test("one fault with two severities is one finding", async () => {
    const trace = await compare(MOVED, "rfc2", "p2");
    expect(about(trace, "imm-device-attachment-changed-after-preserve")?.under).toEqual([
      { profile: "rfc2", status: "found", severity: "warning" },
      { profile: "p2", status: "found", severity: "error" },
    ]);
  });

  test("a rule that looked and found nothing names where the runs part", async () => {
    const trace = await compare(HAZARD, "p1v5", "p2");
    const lost = about(trace, "dma-lost-translation");
    const reboot = trace.partings[0];
    expect(reboot?.op).toBe("reboot");
    expect(lost?.under[0]).toMatchObject({ profile: "p1v5", status: "silent" });
    const punched = trace.findings.filter(
      ({ rule, under }) =>
        rule === "imm-punch-retrieved-memfd-under-restored-domain" &&
        under.some(({ status }) => status === "silent"),
    );
    expect(punched.length).toBeGreaterThan(0);
    for (const { under } of punched) {
      expect(under).toContainEqual(
        expect.objectContaining({ status: "silent", parted_at: reboot?.seq }),
      );
    }
  });
});

describe("matching findings", () => {
  const finding = (parts: Partial<Finding>): Finding => ({
    rule: "ses-token-reuse",
    family: "session",
    severity: "warning",
    seq: 9,
    message: "token 0x1 is taken",
    objects: ["token 0x1"],
    witness: [],
    count: 1,
    fingerprint: "f",
    ...parts,
  });
  const run = (profile: ProfileId, ...findings: Finding[]) => ({
    profile,
    findings,
    doubts: new Map(findings.map(({ rule }) => [rule, []])),
  });
  const found = (...runs: ReturnType<typeof run>[]) =>
    matchFindings(runs, () => undefined).map(({ under }) => under.map(({ status }) => status));

  test("two faults of one rule at one event stay two", () => {
    const [one, other] = [finding({ objects: ["a"] }), finding({ objects: ["b"] })];
    expect(found(run("p1v5", one, other), run("p2", other, one))).toEqual([
      ["found", "found"],
      ["found", "found"],
    ]);
  });

  test("a name that says what became of a thing may differ", () => {
    const [plain, named] = [
      finding({ objects: ["iommufd#1"] }),
      finding({ objects: ["s/iommufd"] }),
    ];
    expect(found(run("luo73", plain), run("p2", named))).toEqual([["found", "found"]]);
  });

  test("the same fault at another event is another finding", () => {
    expect(found(run("p1v5", finding({})), run("p2", finding({ seq: 12 })))).toEqual([
      ["found", "silent"],
      ["silent", "found"],
    ]);
  });

  test("what cannot be told apart is not matched by guessing", () => {
    const two = [finding({ objects: ["a"] }), finding({ objects: ["b"] })];
    expect(found(run("p1v5", ...two), run("p2", finding({ objects: ["c"] })))).toHaveLength(3);
  });
});
