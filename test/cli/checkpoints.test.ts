import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { lutrace } from "./run-lutrace.js";
import { StoryFolder } from "./story-file.js";

const folder = new StoryFolder();
const env = { XDG_CACHE_HOME: folder.file("cache") };
const stored = folder.file("cache/lutrace/checkpoints-1");
let trace = "";

const checkpoints = (root: string): string[] =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".checkpoint"),
      )
    : [];

beforeAll(async () => {
  // By this clock passes are long, so that there is time for checkpoints.
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 1000;
    return now;
  });
  trace = folder.file("large.ndjson");
  const how = ["--profile", "p2", "--vms", "2", "--events", "40000"];
  expect((await lutrace(["synth", ...how, "-o", trace])).status).toBe(0);
});

afterAll(() => {
  vi.restoreAllMocks();
  folder.remove();
});

describe("state of a large trace", { timeout: 60_000 }, () => {
  test("is the same from a checkpoint, to the last byte", async () => {
    const first = await lutrace(["state", trace], { env });
    expect(first.err).toBe("");
    expect(checkpoints(stored).length).toBeGreaterThan(0);
    expect(await lutrace(["state", trace], { env })).toMatchObject({ out: first.out, err: "" });
    for (const at of ["0", "1", "12345", "30001", "39000", "99999999"]) {
      for (const format of ["table", "json"]) {
        const command = ["state", trace, "--at", at, "--format", format];
        const whole = await lutrace([...command, "--no-cache"], { env });
        const { out, err, status } = await lutrace(command, { env });
        expect({ out, err, status }).toEqual({ out: whole.out, err: whole.err, status: 0 });
      }
    }
  });

  test("stores nothing when told not to, or from a pipe", async () => {
    rmSync(stored, { recursive: true, force: true });
    await lutrace(["state", trace, "--no-cache"], { env });
    await lutrace(["state", trace, "--limit-events", "30000"], { env });
    expect(checkpoints(stored)).toEqual([]);
    expect((await lutrace(["state", trace])).status).toBe(0);
  });

  test("stores where it is told; where that cannot be done is no reason to fail", async () => {
    const place = folder.file("elsewhere");
    const { out } = await lutrace(["state", trace, "--cache-dir", place]);
    expect(checkpoints(place).length).toBeGreaterThan(0);
    const blocked = folder.file("blocked");
    writeFileSync(blocked, "");
    const told = await lutrace(["state", trace, "--cache-dir", join(blocked, "in")]);
    expect(told).toMatchObject({ status: 0, out });
    expect(told.err).toMatch(/^note: no checkpoint was stored: ENOTDIR.*\n$/);
    const quiet = await lutrace(["state", trace], { env: { XDG_CACHE_HOME: blocked } });
    expect(quiet).toMatchObject({ status: 0, out, err: "" });
  });
});

test("diff goes on from checkpoints, too", { timeout: 60_000 }, async () => {
  const command = ["diff", trace, trace, "--at", "20000", "--at-b", "39000"];
  const whole = await lutrace([...command, "--no-cache"], { env });
  for (let time = 0; time < 2; time++) {
    expect(await lutrace(command, { env })).toMatchObject({ out: whole.out, err: "", status: 1 });
  }
  expect(checkpoints(stored).length).toBeGreaterThan(0);
});
