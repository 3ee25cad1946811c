import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeDigest } from "../../../src/cli/many/build-id.js";
import { CacheKeys } from "../../../src/cli/many/cache-key.js";
import type { CheckSettings, Task } from "../../../src/cli/many/task.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lutrace-key-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SETTINGS: CheckSettings = {
  command: "check",
  profile: undefined,
  lenient: false,
  limit_events: undefined,
};

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function keyOf(path: string, change: Partial<CheckSettings> = {}) {
  const settings = { ...SETTINGS, ...change };
  return await hexOf({ path, settings, with_lines: true, with_timing: false });
}

async function hexOf(task: Task): Promise<string | undefined> {
  return (await new CacheKeys().keyOf(task))?.hex;
}

describe("the key of a result", () => {
  test("follows what the trace holds, not its name or its age", async () => {
    const a = write("a.ndjson", "one\n");
    const key = await keyOf(a);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOf(write("b.ndjson", "one\n"))).toBe(key);
    utimesSync(a, new Date(1000), new Date(1000));
    expect(await keyOf(a)).toBe(key);
    expect(await keyOf(write("a.ndjson", "two\n"))).not.toBe(key);
  });

  test("follows everything that decides about the result", async () => {
    const path = write("a.ndjson", "one\n");
    const keys = await Promise.all([
      keyOf(path),
      keyOf(path, { profile: "p2" }),
      keyOf(path, { lenient: true }),
      keyOf(path, { limit_events: 5 }),
      hexOf({ path, settings: { command: "corpus", profile: undefined } }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("follows the emulator's log beside a capture", async () => {
    const path = write("run.ndjson", "one\n");
    const alone = await keyOf(path);
    write("run.qemu_trace.txt", "first\n");
    const withLog = await keyOf(path);
    write("run.qemu_trace.txt", "second\n");
    expect(new Set([alone, withLog, await keyOf(path)]).size).toBe(3);
  });

  test("knows when the file was written to meanwhile", async () => {
    const path = write("a.ndjson", "one\n");
    const task = { path, settings: SETTINGS, with_lines: true, with_timing: false };
    const key = await new CacheKeys().keyOf(task);
    expect(await key?.isCurrent()).toBe(true);
    write("a.ndjson", "one more\n");
    expect(await key?.isCurrent()).toBe(false);
  });

  test("does not exist for what is no file", async () => {
    expect(await keyOf(folder)).toBeUndefined();
    expect(await keyOf(join(folder, "missing.ndjson"))).toBeUndefined();
  });
});

test("any edit of the program's code makes it another one", () => {
  const root = join(folder, "dist");
  mkdirSync(join(root, "engine"), { recursive: true });
  write("package.json", "{}");
  write("dist/engine/a.js", "export const a = 1;");
  const before = codeDigest(root);
  expect(codeDigest(root)).toBe(before);
  write("dist/engine/a.js", "export const a = 2;");
  const edited = codeDigest(root);
  write("dist/engine/b.js", "");
  const grown = codeDigest(root);
  write("package.json", '{"dependencies": {}}');
  expect(new Set([before, edited, grown, codeDigest(root)]).size).toBe(4);
});
