/** A trace gives the same answers, whichever way its lines are read. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openTrace } from "../../src/replay/source.js";
import { writeTraceFile } from "../../src/replay/writer.js";
import { checkTrace } from "../../src/report/check-trace.js";
import { replayTrace } from "../../src/report/replay-trace.js";

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

/** What an analysis says about a trace, without the trace's path. */
async function answers(path: string): Promise<unknown> {
  const checked = await checkTrace(await openTrace(path));
  const { trace } = await replayTrace(await openTrace(path));
  return { checked: { ...checked.trace, path: "" }, replayed: { ...trace, path: "" } };
}

/**
 * The blank keeps every line from the fast decoder, and every call from the way of routine calls:
 * see decode-fast.ts and engine/routine.
 */
describe("lines in plain form, and the same with a blank that only the slow way takes", () => {
  test.each(traces)("%s", async (_name, path) => {
    const fast = join(folder, "fast.ndjson");
    const slow = join(folder, "slow.ndjson");
    await writeTraceFile(await openTrace(path), fast);
    const text = readFileSync(fast, "utf8");
    writeFileSync(slow, text.replace(/^\{"seq":/gm, '{ "seq":'));
    expect(readFileSync(slow).length).toBeGreaterThan(text.length);
    expect(await answers(fast)).toStrictEqual(await answers(slow));
  });
});
