/** The proven memory hazard, as a real kernel with the posted series showed it. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { lutrace } from "../cli/run-lutrace.js";

const CAPTURE = join(import.meta.dirname, "../../traces/captures/series/hazard_punch.ndjson.gz");
const PUNCH_SEQ = 171;
const STRAY_DMA_SEQ = 183;

interface Finding {
  readonly rule: string;
  readonly seq: number;
  readonly caused_by?: readonly { readonly rule: string; readonly seq: number }[];
}

test("the stray DMA is found, and its one cause is the punch of that very page", async () => {
  const { json } = await lutrace(["check", "--format", "json", CAPTURE]);
  const [trace] = json()["traces"] as { findings: Finding[] }[];
  const stray = trace?.findings.filter(({ rule }) => rule === "dma-to-reused-page") ?? [];
  expect(stray.map(({ seq }) => seq)).toEqual([STRAY_DMA_SEQ]);
  expect(stray[0]?.caused_by?.map(({ rule, seq }) => ({ rule, seq }))).toEqual([
    { rule: "imm-punch-retrieved-memfd-under-restored-domain", seq: PUNCH_SEQ },
  ]);
});
