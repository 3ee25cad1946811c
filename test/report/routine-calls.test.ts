/**
 * Traces in which routine calls and events once came to different answers: a kexec with mappings
 * that nobody had asked about, a part of a page, an answer that only a routine call had, a
 * descriptor that no process can have, a page size that changes.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { TraceError } from "../../src/replay/trace-error.js";
import { answers, ordinaryLines } from "../support/both-ways.js";

const TRACES = join(import.meta.dirname, "..", "fixtures", "routine-calls");
const folder = mkdtempSync(join(tmpdir(), "lutrace-routine-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The answers, or why the trace cannot be read. */
async function answersOrRefusal(path: string): Promise<unknown> {
  try {
    return await answers(path);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return error.message.replace(path, "");
  }
}

test.each(readdirSync(TRACES))("%s", async (name) => {
  const path = join(TRACES, name);
  const text = readFileSync(path, "utf8");
  const ordinary = join(folder, name);
  writeFileSync(ordinary, ordinaryLines(text));
  expect(await answersOrRefusal(path)).toStrictEqual(await answersOrRefusal(ordinary));
});
