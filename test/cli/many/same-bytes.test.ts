/** However the work is spread and remembered, what is printed is the same, byte for byte. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BuiltProgram, type Ended } from "../../support/built-program.js";
import {
  nothingWrong,
  preservesTwice,
  preservesTwiceAndGetsAwayWithIt,
  StoryFolder,
} from "../story-file.js";

const START_TIMEOUT_MS = 120_000;
const SHARDS = 2;
const lutrace = new BuiltProgram("same-bytes");
const folder = new StoryFolder();

beforeAll(async () => {
  lutrace.build();
  const corpus = folder.file("corpus");
  mkdirSync(join(corpus, "sub"), { recursive: true });
  const stories = [nothingWrong, preservesTwice, preservesTwiceAndGetsAwayWithIt];
  for (let n = 0; n < 12; n++) {
    const story = stories[n % stories.length] ?? nothingWrong;
    await folder.write(`corpus/${n % 2 === 0 ? "sub/" : ""}t${n}.ndjson`, story);
  }
  const text = readFileSync(folder.file("corpus/t1.ndjson"));
  writeFileSync(folder.file("corpus/packed.ndjson.gz"), gzipSync(text));
  writeFileSync(folder.file("corpus/cut.ndjson"), text.subarray(0, text.length - 40));
  writeFileSync(folder.file("corpus/no-trace.ndjson"), "not a trace\n");
  const updated = await lutrace.run(["corpus", "update", folder.file("corpus")]);
  expect(updated.status).toBe(2);
  // One expectation does not hold, one is no expectation, one has lost its trace.
  const t3 = folder.file("corpus/t3.expect.json");
  writeFileSync(t3, JSON.stringify({ ...JSON.parse(readFileSync(t3, "utf8")), stateHash: "0" }));
  writeFileSync(folder.file("corpus/t5.expect.json"), "[]");
  copyFileSync(t3, folder.file("corpus/gone.expect.json"));
}, START_TIMEOUT_MS);

afterAll(() => {
  folder.remove();
  lutrace.remove();
});

/** The run cut into shards, the last of them first, and put together. */
async function mergedShards(argv: readonly string[]): Promise<Ended> {
  const files: string[] = [];
  for (let shard = SHARDS; shard >= 1; shard--) {
    const { out } = await lutrace.run([...argv, "--shard", `${shard}/${SHARDS}`]);
    const file = folder.file(`${shard}.shard`);
    writeFileSync(file, out);
    files.push(file);
  }
  return await lutrace.run(["corpus", "merge", ...files]);
}

const commands: readonly (readonly string[])[] = [
  ["check", "--fail-on", "warning", "--lenient"],
  ["check", "--format", "json", "--profile", "p2"],
  ["check", "--format", "json", "--limit-events", "7"],
  ["corpus", "run", "--verbose"],
  ["corpus", "run", "--format", "json"],
];

describe.each(commands.map((words) => [words.join(" "), words] as const))("%s", (name, words) => {
  const argv = [...words, folder.file("corpus")];
  let alone: Ended;

  beforeAll(async () => {
    alone = await lutrace.run([...argv, "--no-cache", "--jobs", "1"]);
    expect(alone.out.length).toBeGreaterThan(500);
    expect(alone.status).toBeGreaterThan(0);
  }, START_TIMEOUT_MS);

  test("one job or several", async () => {
    expect(await lutrace.run([...argv, "--no-cache", "-j3"])).toEqual(alone);
  });

  test("in workers or in the program itself", async () => {
    // So few bytes are not worth a worker, unless somebody asks for jobs.
    expect(await lutrace.run([...argv, "--no-cache"])).toEqual(alone);
  });

  test("computed or remembered", async () => {
    const options = ["--cache-dir", folder.file(`cache ${name}`)];
    expect(await lutrace.run([...argv, ...options, "-j2"])).toEqual(alone);
    expect(await lutrace.run([...argv, ...options])).toEqual(alone);
  });

  test("whole or in shards", async () => {
    // What cannot be read is told when a shard is done, and again when all are put together.
    expect(await mergedShards(argv)).toEqual(alone);
  });
});

test("several runs may fill one cache at the same time", async () => {
  const argv = ["check", "--format", "json", folder.file("corpus")];
  const alone = await lutrace.run([...argv, "--no-cache"]);
  const options = ["--cache-dir", folder.file("shared")];
  const runs = await Promise.all([1, 2].map(() => lutrace.run([...argv, ...options])));
  expect(runs).toEqual([alone, alone]);
});
