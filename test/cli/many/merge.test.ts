/** What corpus merge refuses, and what it says then. */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lutrace } from "../run-lutrace.js";
import { nothingWrong, preservesTwice, StoryFolder } from "../story-file.js";

const folder = new StoryFolder();

beforeAll(async () => {
  for (const name of ["a", "b", "c"]) await folder.write(`${name}.ndjson`, nothingWrong);
  await folder.write("d.ndjson", preservesTwice);
});

afterAll(() => folder.remove());

/** Does one shard and keeps what it printed; gives the path. */
async function shard(part: string, ...options: readonly string[]): Promise<string> {
  const { out } = await lutrace(["check", folder.path, "--shard", part, ...options]);
  const path = folder.file(`${[part, ...options].join(" ").replaceAll("/", "-of-")}.shard`);
  writeFileSync(path, out);
  return path;
}

function edited(path: string, edit: (text: string) => string): string {
  const copy = `${path}.edited`;
  writeFileSync(copy, edit(readFileSync(path, "utf8")));
  return copy;
}

/** A shard of which somebody has edited the start and made the end fit again. */
function resealed(path: string, edit: (text: string) => string): string {
  return edited(path, (text) => {
    const lines = edit(text).trimEnd().split("\n");
    const end = JSON.parse(lines.pop() ?? "") as object;
    const before = `${lines.join("\n")}\n`;
    const sha256 = createHash("sha256").update(before).digest("hex");
    return `${before}${JSON.stringify({ ...end, sha256 })}\n`;
  });
}

async function refusal(...shards: readonly string[]): Promise<string> {
  const { status, out, err } = await lutrace(["corpus", "merge", ...shards]);
  expect(status).toBe(2);
  expect(out).toBe("");
  return err;
}

describe("shards that fit together", () => {
  test("give what one run gives, in whatever order they are named", async () => {
    const whole = await lutrace(["check", folder.path]);
    const merged = await lutrace(["corpus", "merge", await shard("2/2"), await shard("1/2")]);
    expect([merged.out, merged.err, merged.status]).toEqual([whole.out, whole.err, whole.status]);
  });

  test("may be empty: there may be more shards than traces", async () => {
    const parts = await Promise.all([1, 2, 3, 4, 5, 6].map((part) => shard(`${part}/6`)));
    const whole = await lutrace(["check", folder.path]);
    expect((await lutrace(["corpus", "merge", ...parts])).out).toBe(whole.out);
  });

  test("have the exit status of the whole", async () => {
    const options = ["--fail-on", "warning"];
    const parts = [await shard("1/2", ...options), await shard("2/2", ...options)];
    expect((await lutrace(["corpus", "merge", ...parts])).status).toBe(1);
  });
});

describe("corpus merge refuses", () => {
  test("a set from which shards are missing", async () => {
    expect(await refusal(await shard("1/2"))).toContain("shard 2/2 is missing; run it");
    expect(await refusal(await shard("2/4"))).toContain("shards 1/4, 3/4, 4/4 are missing");
  });

  test("a shard that is there twice", async () => {
    const one = await shard("1/2");
    expect(await refusal(one, await shard("2/2"), one)).toContain("shard 1/2 is there twice");
  });

  test("shards of other options", async () => {
    const other = await refusal(await shard("1/2"), await shard("2/2", "--profile", "p2"));
    expect(other).toContain("--profile was not given for one, p2 for the other");
    const shown = await refusal(await shard("1/2"), await shard("2/2", "--format", "json"));
    expect(shown).toContain("--format was table for one, json for the other");
  });

  test("shards of another division", async () => {
    expect(await refusal(await shard("1/2"), await shard("2/3"))).toContain(
      "one is of 2 shards, one of 3",
    );
  });

  test("shards that saw other traces", async () => {
    const first = await shard("1/2");
    await folder.write("e.ndjson", nothingWrong);
    expect(await refusal(first, await shard("2/2"))).toContain("they saw other traces");
  });

  test("shards of another lutrace", async () => {
    const [first, second] = [await shard("1/2"), await shard("2/2")];
    const older = (text: string): string => text.replace(/"build":"[^"]*"/, '"build":"0.0.1-old"');
    const mixed = await refusal(first, resealed(second, older));
    expect(mixed).toContain("use one version for all shards");
    const both = await refusal(resealed(first, older), resealed(second, older));
    expect(both).toContain("merge with the lutrace that made them");
  });

  test("a shard that is cut off, changed or nothing of the kind", async () => {
    const [first, second] = [await shard("1/2"), await shard("2/2")];
    // Without its last newline nothing is lost.
    const unended = edited(second, (text) => text.slice(0, -1));
    expect((await lutrace(["corpus", "merge", first, unended])).status).toBe(0);
    for (const length of [20, 200]) {
      const cut = edited(second, (text) => text.slice(0, -length));
      expect(await refusal(first, cut)).toMatch(/shard 2\/2 .* is not whole: run it again/);
    }
    const changed = edited(second, (text) => text.replace("PASS", "FAIL").replace("pass", "fail"));
    expect(await refusal(first, changed)).toContain("is not whole");
    const empty = edited(second, () => "");
    expect(await refusal(first, empty)).toContain("is empty, not the output of --shard");
    expect(await refusal(first, folder.file("a.ndjson"))).toContain("is not the output of --shard");
  });
});
