/** A trace gives the same answers, whichever way its lines are read. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openTrace } from "../../src/replay/source.js";
import { writeTraceFile } from "../../src/replay/writer.js";
import { answers, ordinaryLines } from "../support/both-ways.js";

const TEST = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "lutrace-both-ways-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCES = [join(TEST, "format", "v1"), join(TEST, "fixtures", "captures")];
const CORPUS = join(TEST, "..", "traces");

const traces = [...SOURCES, CORPUS].flatMap((from) =>
  readdirSync(from, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ndjson(\.gz)?$/.test(name))
    .map((name) => [name, join(from, name)] as const),
);

describe("lines in plain form, and the same with a blank that only the slow way takes", () => {
  test.each(traces)("%s", async (_name, path) => {
    const fast = join(folder, "fast.ndjson");
    const slow = join(folder, "slow.ndjson");
    await writeTraceFile(await openTrace(path), fast);
    const text = readFileSync(fast, "utf8");
    writeFileSync(slow, ordinaryLines(text));
    expect(readFileSync(slow).length).toBeGreaterThan(text.length);
    expect(await answers(fast)).toStrictEqual(await answers(slow));
  });
});
