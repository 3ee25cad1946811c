import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCache } from "../../../src/cli/many/open-cache.js";
import { ResultCache } from "../../../src/cli/many/result-cache.js";

const ROOMY_BYTES = 256 * 1024 * 1024;
/** Two blocks of the disk for each of the 256 folders. */
const NARROW_BYTES = 256 * 2 * 4096;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lutrace-cache-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A key that lies in the folder `aa` with all others of this file. */
const keyOf = (name: string): string =>
  `aa${createHash("sha256").update(name).digest("hex").slice(2)}`;

const fileOf = (key: string): string => join(folder, "results-1", key.slice(0, 2), `${key}.json`);

describe("a result that was kept", () => {
  test("comes back as it was", async () => {
    const cache = await ResultCache.open(folder, ROOMY_BYTES);
    const result = { text: "ä\u2028\ud800", list: [1, null, { x: "y" }] };
    await cache.put(keyOf("a"), result);
    expect(await (await ResultCache.open(folder, ROOMY_BYTES)).get(keyOf("a"))).toEqual(result);
    expect(await cache.get(keyOf("b"))).toBeUndefined();
  });

  test.each([
    ["cut off", (text: string) => text.slice(0, -5)],
    ["changed", (text: string) => text.replace("pass", "fail")],
    ["emptied", () => ""],
    ["replaced", () => "something else"],
  ])("counts as missing once it is %s, and can be kept again", async (_name, damage) => {
    const cache = await ResultCache.open(folder, ROOMY_BYTES);
    const key = keyOf("a");
    await cache.put(key, { verdict: "pass" });
    writeFileSync(fileOf(key), damage(readFileSync(fileOf(key), "utf8")));
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, { verdict: "pass" });
    expect(await cache.get(key)).toEqual({ verdict: "pass" });
  });

  test("is whole for every reader, however many write it", async () => {
    const caches = await Promise.all(
      Array.from({ length: 8 }, () => ResultCache.open(folder, ROOMY_BYTES)),
    );
    const result = { text: "x".repeat(200_000) };
    const key = keyOf("a");
    const reads = caches.map(async (cache) => {
      await cache.put(key, result);
      return await cache.get(key);
    });
    expect(await Promise.all(reads)).toEqual(caches.map(() => result));
    expect(readdirSync(join(folder, "results-1", "aa"))).toEqual([`${key}.json`]);
  });
});

describe("a cache that is full", () => {
  test("lets go of what was not used for longest", async () => {
    const cache = await ResultCache.open(folder, NARROW_BYTES);
    const keys = ["a", "b", "c", "d"].map(keyOf);
    for (const [age, key] of keys.entries()) {
      await cache.put(key, { key });
      utimesSync(fileOf(key), new Date(1000 + age), new Date(1000 + age));
    }
    // The oldest is used once more.
    await cache.get(keys[0] ?? "");
    await cache.prune();
    expect(keys.map((key) => existsSync(fileOf(key)))).toEqual([true, false, false, true]);
  });

  test("removes what a stopped program left behind, and nothing it did not write", async () => {
    const cache = await ResultCache.open(folder, NARROW_BYTES);
    const place = join(folder, "results-1", "aa");
    mkdirSync(place);
    const stale = "01234567-89ab-cdef-0123-456789abcdef.tmp";
    for (const name of [stale, "thesis.txt", "notes.json"]) {
      writeFileSync(join(place, name), "x".repeat(100_000));
      utimesSync(join(place, name), new Date(1000), new Date(1000));
    }
    await cache.put(keyOf("a"), {});
    await cache.prune();
    expect(readdirSync(place).sort()).toEqual([`${keyOf("a")}.json`, "notes.json", "thesis.txt"]);
  });

  test("does not take in what would drive out all else", async () => {
    const cache = await ResultCache.open(folder, NARROW_BYTES);
    await cache.put(keyOf("a"), { text: "x".repeat(10_000) });
    expect(await cache.get(keyOf("a"))).toBeUndefined();
  });
});

describe("the folder of the cache", () => {
  test("is the one the user's environment names", async () => {
    await openCache(undefined, { XDG_CACHE_HOME: folder });
    expect(existsSync(join(folder, "lutrace"))).toBe(true);
    await openCache(undefined, { XDG_CACHE_HOME: "relative", HOME: folder });
    expect(existsSync(join(folder, ".cache", "lutrace"))).toBe(true);
    expect(existsSync("relative")).toBe(false);
  });

  test("where there is none, there is no cache and no complaint", async () => {
    expect(await openCache(undefined, {})).toBeUndefined();
    writeFileSync(join(folder, "file"), "");
    const unusable = { XDG_CACHE_HOME: join(folder, "file") };
    expect(await openCache(undefined, unusable)).toBeUndefined();
  });

  test("must be usable where it was asked for", async () => {
    writeFileSync(join(folder, "file"), "");
    const asked = join(folder, "file", "cache");
    await expect(openCache(asked, {})).rejects.toThrow(`--cache-dir ${asked} cannot be used`);
  });
});
