/** The built program, as a shell runs it. Few of these: each start costs a third of a second. */

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nothingWrong, preservesTwiceAndGetsAwayWithIt, StoryFolder } from "./story-file.js";

const ROOT = join(import.meta.dirname, "..", "..");
const PROGRAM = join(ROOT, "bin", "lutrace.js");
const BUILD_TIMEOUT_MS = 120_000;
const folder = new StoryFolder();
let broken = "";

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

beforeAll(async () => {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: ROOT });
  broken = await folder.write("broken.ndjson", preservesTwiceAndGetsAwayWithIt);
}, BUILD_TIMEOUT_MS);

afterAll(() => folder.remove());

/** Runs the program. `readFirst`: the reader closes the pipe after the first bytes, like head. */
function program(argv: readonly string[], { stdin = "", readFirst = false } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { stdio: "pipe" });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data;
    if (readFirst) child.stdout.destroy();
  });
  child.stderr.on("data", (data: Buffer) => {
    err += data;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve) => {
    child.on("close", (status) => resolve({ status, out, err }));
  });
}

describe("the program", () => {
  test("reads a pipe; the result is on stdout, the status where a shell finds it", async () => {
    const stdin = readFileSync(broken, "utf8");
    const { status, out, err } = await program(["check", "--format", "json", "-"], { stdin });
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ version: 1, traces: [{ path: "-", verdict: "fail" }] });
    expect(err).toBe("");
  });

  test("says in one line what it cannot use", async () => {
    const { status, out, err } = await program(["check", "--fial-on", "error", broken]);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toBe(
      "lutrace: unknown option --fial-on (did you mean --fail-on?); see lutrace check --help\n",
    );
  });

  test("takes it calmly when the reader has enough", async () => {
    // Enough text to fill the pipe before the reader goes.
    const many = Array.from({ length: 200 }, () => broken);
    const { status, err } = await program(["check", ...many], { readFirst: true });
    expect(err).toBe("");
    expect(status).toBe(1);
  });

  test("checks a corpus on all cores, in the order of the paths", async () => {
    const corpus = folder.file("corpus");
    mkdirSync(corpus);
    const names = Array.from({ length: 12 }, (_, n) => `t${String(n).padStart(2, "0")}`);
    for (const name of names) await folder.write(`corpus/${name}.ndjson`, nothingWrong);
    writeFileSync(join(corpus, "t05.ndjson"), "not a trace\n");
    const { status, out, err } = await program(["corpus", "run", corpus, "-j4"]);
    expect(err).toBe("");
    expect(status).toBe(2);
    const seen = [...out.matchAll(/(\w+) +\S+\/(t\d\d)\.ndjson/g)].map(([, what, name]) => [
      name,
      what,
    ]);
    expect(seen).toEqual(names.map((name) => [name, name === "t05" ? "failed" : "new"]));
    expect(out).toMatch(/\n12 traces: 0 as expected, 0 different, 11 new, 1 failed\n$/);
  });
});
