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

const traces = [join(TEST, "format", "v1"), join(TEST, "fixtures", "captures")].flatMap((from) =>
  readdirSync(from)
    .filter((name) => /\.ndjson(\.gz)?$/.test(name))
    .map((name) => [name, join(from, name)] as const),
);

/** What an analysis says about a trace, without the trace's path. */
async function answers(path: string): Promise<unknown> {
  const checked = await checkTrace(await openTrace(path));
  const { trace } = await replayTrace(await openTrace(path));
  return { checked: { ...checked.trace, path: "" }, replayed: { ...trace, path: "" } };
}

describe("lines in plain form, and the same with a blank that only the slow way takes", () => {
  test.each(traces)("%s", async (name, path) => {
    const fast = join(folder, `fast-${name}.ndjson`);
    const slow = join(folder, `slow-${name}.ndjson`);
    await writeTraceFile(await openTrace(path), fast);
    const text = readFileSync(fast, "utf8");
    writeFileSync(slow, text.replace(/^\{"seq":/gm, '{ "seq":'));
    expect(readFileSync(slow).length).toBeGreaterThan(text.length);
    expect(await answers(fast)).toStrictEqual(await answers(slow));
  });
});
