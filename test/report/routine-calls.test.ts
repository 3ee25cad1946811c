/**
 * Traces in which routine calls and events once came to different answers: a kexec with mappings
 * that nobody had asked about, a part of a page, an answer that only a routine call had, a
 * descriptor that no process can have, a page size that changes.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openTrace } from "../../src/replay/source.js";
import { TraceError } from "../../src/replay/trace-error.js";
import { checkTrace } from "../../src/report/check-trace.js";
import { replayTrace } from "../../src/report/replay-trace.js";

const TRACES = join(import.meta.dirname, "..", "fixtures", "routine-calls");
const folder = mkdtempSync(join(tmpdir(), "lutrace-routine-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function answers(path: string): Promise<unknown> {
  try {
    const checked = await checkTrace(await openTrace(path));
    const { trace } = await replayTrace(await openTrace(path));
    return { checked: { ...checked.trace, path: "" }, replayed: { ...trace, path: "" } };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return error.message.replace(path, "");
  }
}

test.each(readdirSync(TRACES))("%s", async (name) => {
  const path = join(TRACES, name);
  const text = readFileSync(path, "utf8");
  // A blank keeps every line from the way of routine calls.
  const ordinary = join(folder, name);
  writeFileSync(ordinary, text.replace(/^\{"seq":/gm, '{ "seq":'));
  expect(await answers(path)).toStrictEqual(await answers(ordinary));
});
