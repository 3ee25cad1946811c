import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import {
  nothingWrong,
  preservesTwice,
  preservesTwiceAndGetsAwayWithIt,
  StoryFolder,
} from "./story-file.js";

let folder: StoryFolder;

beforeEach(async () => {
  folder = new StoryFolder();
  mkdirSync(folder.file("luo"));
  await folder.write("clean.ndjson", nothingWrong);
  await folder.write("luo/twice.ndjson.gz", preservesTwice);
});

afterEach(() => folder.remove());

const run = (...argv: readonly string[]) => lutrace(["corpus", "run", folder.path, ...argv]);
const update = () => lutrace(["corpus", "update", folder.path]);

function expectation(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(folder.file(`${name}.expect.json`), "utf8"));
}

function expectInstead(name: string, change: Readonly<Record<string, unknown>>): void {
  const changed = { ...expectation(name), ...change };
  writeFileSync(folder.file(`${name}.expect.json`), JSON.stringify(changed));
}

describe("corpus update", () => {
  test("writes what a trace gave, and then everything is as expected", async () => {
    expect((await run()).status).toBe(1);
    const updated = await update();
    expect(updated.status).toBe(0);
    expect(updated.out).toContain("new      ");
    expect(expectation("clean")).toMatchObject({ findings: [], calls: { diverged: 0 } });
    expect(expectation("luo/twice")).toMatchObject({
      findings: [{ rule: "ses-double-preserve" }],
      calls: { unmodelled: 0 },
    });
    const after = await run();
    expect(after.status).toBe(0);
    expect(after.out).toBe("2 traces: 2 as expected, 0 different, 0 new, 0 failed\n");
  });

  test("shows what changed, and changes only that file", async () => {
    await update();
    const before = readFileSync(folder.file("luo/twice.expect.json"), "utf8");
    expectInstead("clean", { stateHash: "0" });
    const { out } = await update();
    expect(out).toContain("state hash: expected 0, got ");
    expect(expectation("clean")["stateHash"]).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(folder.file("luo/twice.expect.json"), "utf8")).toBe(before);
  });

  test("leaves a hand-written expectation alone while it holds", async () => {
    const text = '{"description": "a VM that minds its own business", "findings": []}';
    writeFileSync(folder.file("clean.expect.json"), text);
    await update();
    expect(readFileSync(folder.file("clean.expect.json"), "utf8")).toBe(text);
  });
});

describe("corpus run", () => {
  beforeEach(async () => {
    await update();
  });

  test("says which trace differs and how", async () => {
    expectInstead("luo/twice", {
      findings: [{ rule: "ses-double-preserve", seq: 1 }],
      calls: { total: 1, predicted: 1, diverged: 0, unmodelled: 0 },
    });
    const { status, out } = await run();
    expect(status).toBe(1);
    expect(out).toContain(`differs  ${folder.file("luo/twice.ndjson.gz")}`);
    expect(out).toContain("ses-double-preserve at #1: expected found, got not found");
    expect(out).toContain("expected none, got found");
    expect(out).toMatch(/calls total: expected 1, got \d+/);
    expect(out).not.toContain("clean.ndjson");
  });

  test("uses the profile the expectation names", async () => {
    expectInstead("clean", { profile: "p2" });
    expect((await run()).status).toBe(0);
  });

  test("one trace that cannot be read does not lose the others", async () => {
    writeFileSync(folder.file("bad.ndjson"), "{\n");
    writeFileSync(folder.file("clean.expect.json"), '{"stateHash": 7}');
    await folder.write("zz.ndjson", preservesTwiceAndGetsAwayWithIt);
    const { status, out, json } = await run("--format", "json");
    expect(status).toBe(2);
    const { traces, summary } = json() as {
      traces: { path: string; status: string; error?: string }[];
      summary: Record<string, number>;
    };
    expect(traces.map(({ path, status }) => [path.slice(folder.path.length + 1), status])).toEqual([
      ["bad.ndjson", "failed"],
      ["clean.ndjson", "failed"],
      ["luo/twice.ndjson.gz", "same"],
      ["zz.ndjson", "new"],
    ]);
    expect(traces[0]?.error).toContain("bad.ndjson, line 1");
    expect(traces[1]?.error).toContain("field stateHash");
    expect(summary).toEqual({ same: 1, differs: 0, new: 1, orphan: 0, failed: 2 });
    expect(out).toMatch(/^\{/);
  });

  test("an expectation whose trace is gone is no success", async () => {
    rmSync(folder.file("clean.ndjson"));
    const { status, out } = await run();
    expect(status).toBe(1);
    expect(out).toContain("clean.expect.json: its trace is gone");
  });

  test("a folder without traces is a mistake, not a success", async () => {
    mkdirSync(folder.file("empty"));
    const { status, err } = await lutrace(["corpus", "run", folder.file("empty")]);
    expect(status).toBe(2);
    expect(err).toContain("holds no traces");
  });

  test("takes one trace, too", async () => {
    const { status, out } = await lutrace([
      "corpus",
      "run",
      folder.file("clean.ndjson"),
      "--verbose",
    ]);
    expect(status).toBe(0);
    expect(out).toContain("same     ");
    expect(out).toContain("1 trace: 1 as expected");
  });
});

describe("corpus list", () => {
  test("shows what each trace is expected to give", async () => {
    await update();
    const { out } = await lutrace(["corpus", "list", folder.path]);
    expect(out).toMatch(/clean\.ndjson +\d+ +none/);
    expect(out).toMatch(/twice\.ndjson\.gz +\d+ +ses-double-preserve/);
  });
});
