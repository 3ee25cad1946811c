/** `lutrace rules --coverage`: what a corpus exercises of the rules. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITED_RULES, limitsOf, NOT_CHECKED } from "../../src/checkers/limits.js";
import { RULES } from "../../src/checkers/rules/index.js";
import type {
  CoverageReport,
  RuleCoverage,
} from "../../src/report/rule-coverage/coverage-report.js";
import { lutrace } from "./run-lutrace.js";
import { nothingWrong, preservesTwice, StoryFolder } from "./story-file.js";

const CORPUS = join(import.meta.dirname, "..", "..", "traces");

const folder = new StoryFolder();

beforeAll(async () => {
  mkdirSync(folder.file("ses-double-preserve"));
  await folder.write("ses-double-preserve/fires.ndjson", preservesTwice);
  await folder.write("ses-double-preserve/silent.ndjson", nothingWrong);
  await folder.write("p2.ndjson", nothingWrong, "p2");
  expectation("p2", { findings: [{ rule: "api-restore-twice", seq: 3 }] });
});

afterAll(() => folder.remove());

function expectation(name: string, document: unknown): void {
  writeFileSync(folder.file(`${name}.expect.json`), JSON.stringify(document));
}

async function coverageOf(path: string, ...argv: string[]): Promise<CoverageReport> {
  const { json } = await lutrace(["rules", "--coverage", path, "--format", "json", ...argv]);
  return json() as unknown as CoverageReport;
}

function of(report: CoverageReport, id: string): RuleCoverage | undefined {
  return report.rules.find(({ rule }) => rule === id);
}

describe("the corpus of this project", () => {
  test("makes every rule fire in one trace and stay silent in a near miss", async () => {
    const { rules, notExercised } = await coverageOf(CORPUS);
    expect(rules.map(({ rule }) => rule)).toEqual(RULES.map(({ id }) => id));
    expect(notExercised).toEqual({ neverFires: [], neverSilent: [] });
    expect(rules.filter(({ nearMisses }) => nearMisses.length === 0)).toEqual([]);
  });
});

describe("what is counted", () => {
  test("the expectation says what is found, the trace is not judged again", async () => {
    const report = await coverageOf(folder.path);
    // Nothing of the kind is in that trace.
    expect(of(report, "api-restore-twice")).toMatchObject({
      fires: [folder.file("p2.ndjson")],
      profiles: { rfc2: { fires: 0, silent: 0 }, p2: { fires: 1, silent: 0 } },
      neverFiresUnder: ["seed", "rfc2"],
    });
    expect(report.judgedNow).not.toContain(folder.file("p2.ndjson"));
  });

  test("a trace without an expectation is judged", async () => {
    const report = await coverageOf(folder.path);
    const [fires, silent] = ["fires", "silent"].map((name) =>
      folder.file(join("ses-double-preserve", `${name}.ndjson`)),
    );
    expect(report.judgedNow).toEqual([fires, silent]);
    expect(of(report, "ses-double-preserve")).toMatchObject({
      fires: [fires],
      silent: 2,
      nearMisses: [silent],
    });
  });

  test("where a rule does not hold it is not silent", async () => {
    const report = await coverageOf(folder.file("p2.ndjson"));
    expect(of(report, "own-finish-touched-domain")).toMatchObject({ fires: [], silent: 0 });
    const { neverFires, neverSilent } = report.notExercised;
    expect(neverSilent).toContain("own-finish-touched-domain");
    expect(neverFires).not.toContain("api-restore-twice");
    expect(neverSilent).toContain("api-restore-twice");
  });

  test("only rules that were asked for", async () => {
    const { rules } = await coverageOf(folder.path, "--family", "trace");
    expect(rules.every(({ rule }) => rule.startsWith("trace-"))).toBe(true);
  });
});

describe("the text", () => {
  test("names gaps, limits and what nobody checks", async () => {
    const { status, out } = await lutrace(["rules", "--coverage", folder.path]);
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+ of \d+ rules fire in one trace and stay silent in another: 3 traces/);
    expect(out).toContain("2 of them without an expectation and judged now");
    expect(out).toMatch(/^ {2}ses-double-preserve +1 +2 +1 +luo73 1 +seed rfc2 p1v1 p1v5 p2$/m);
    expect(out).toContain("  never fires: api-");
    for (const heading of ["Not exercised", "What rules do not see", "What no rule looks at"]) {
      expect(out).toContain(`\n${heading}\n`);
    }
  });

  test("a folder without traces is no corpus", async () => {
    mkdirSync(folder.file("empty"));
    const { status, err } = await lutrace(["rules", "--coverage", folder.file("empty")]);
    expect([status, err]).toEqual([2, expect.stringContaining("holds no traces")]);
  });

  test("an expectation that cannot be read does not lose the others", async () => {
    const broken = join("broken", "trace");
    mkdirSync(folder.file("broken"));
    await folder.write(`${broken}.ndjson`, nothingWrong);
    await folder.write(join("broken", "good.ndjson"), nothingWrong);
    writeFileSync(folder.file(`${broken}.expect.json`), "{");
    const { status, err, json } = await lutrace([
      ...["rules", "--coverage", folder.file("broken"), "--format", "json"],
    ]);
    expect(status).toBe(2);
    expect(err).toContain("trace.expect.json: not JSON");
    expect(json()).toMatchObject({ traces: 1, errors: [{}] });
  });
});

describe("limits", () => {
  test("are those of rules that exist", () => {
    const ids = new Set(RULES.map(({ id }) => id));
    expect(LIMITED_RULES.filter((id) => !ids.has(id))).toEqual([]);
    expect(LIMITED_RULES.flatMap((id) => limitsOf(id)).every((limit) => /\.$/.test(limit))).toBe(
      true,
    );
  });

  test("are told with the rule", async () => {
    const [limit = ""] = limitsOf("cmp-vm-without-memory");
    expect((await lutrace(["explain", "cmp-vm-without-memory"])).out).toContain(
      `limit     ${limit}`,
    );
  });

  test("what no rule looks at has a reason", () => {
    for (const { what, why } of NOT_CHECKED) expect([what, why]).not.toContain("");
  });
});
