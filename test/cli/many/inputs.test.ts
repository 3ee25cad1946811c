import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expandInputs, weightOf } from "../../../src/cli/many/inputs.js";

const root = mkdtempSync(join(tmpdir(), "lutrace-inputs-"));

beforeAll(() => {
  mkdirSync(join(root, "luo", "deep"), { recursive: true });
  mkdirSync(join(root, "empty"));
  for (const name of ["b.ndjson", "a.ndjson.gz", "luo/c.ndjson", "luo/deep/d.ndjson", "[x].ndjson"])
    writeFileSync(join(root, name), "x".repeat(100));
  writeFileSync(join(root, "luo", "README.md"), "");
  symlinkSync(root, join(root, "luo", "loop"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function expanded(...words: readonly string[]): Promise<string[]> {
  const inputs = await expandInputs(words.map((word) => (word === "-" ? word : join(root, word))));
  return inputs.map(({ path }) => path.replace(`${root}/`, ""));
}

describe("what is on the command line", () => {
  test("a path stands for itself, in the order given and as often as given", async () => {
    const words = ["b.ndjson", "missing.ndjson", "-", "b.ndjson"];
    expect(await expanded(...words)).toEqual(words);
  });

  test("a folder stands for the traces below it, in the order of their paths", async () => {
    const all = ["[x].ndjson", "a.ndjson.gz", "b.ndjson", "luo/c.ndjson", "luo/deep/d.ndjson"];
    expect(await expanded("")).toEqual(all.map((path) => path));
    expect(await expanded("luo")).toEqual(all.slice(3));
  });

  test("a pattern stands for the files it matches", async () => {
    expect(await expanded("**/*.ndjson")).toEqual([
      "[x].ndjson",
      "b.ndjson",
      "luo/c.ndjson",
      "luo/deep/d.ndjson",
    ]);
    expect(await expanded("luo/{c,z}.ndjson")).toEqual(["luo/c.ndjson"]);
    expect(await expanded("?.ndjson*")).toEqual(["a.ndjson.gz", "b.ndjson"]);
  });

  test("a name with the letters of a pattern is a name where it exists", async () => {
    expect(await expanded("[x].ndjson")).toEqual(["[x].ndjson"]);
  });

  test("what folders and patterns find counts once", async () => {
    expect(await expanded("luo/*.ndjson", "luo", "luo")).toEqual([
      "luo/c.ndjson",
      "luo/deep/d.ndjson",
    ]);
  });

  test("a folder or a pattern without traces is a mistake", async () => {
    await expect(expanded("empty")).rejects.toThrow("holds no traces");
    await expect(expanded("*.pcap")).rejects.toThrow("no file matches");
  });

  test("what is compressed is more work than its size says", async () => {
    const [zipped, plain] = await expandInputs([join(root, "a.ndjson.gz"), join(root, "b.ndjson")]);
    if (zipped === undefined || plain === undefined) throw new Error("both were given");
    expect(weightOf(zipped)).toBeGreaterThan(weightOf(plain));
  });
});
