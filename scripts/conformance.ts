/**
 * Replays every capture of traces/captures, prints what was predicted, and writes
 * docs/conformance.json and docs/conformance.md. With `--check` nothing is written, and the exit
 * status is 1 when a figure is worse than the one on record.
 */

import { writeFileSync } from "node:fs";
import {
  type CaptureFigures,
  captureNames,
  FIGURES,
  losses,
  readFigures,
  replayCapture,
} from "./conformance/figures.js";
import { PAGE, pageText, summaryText } from "./conformance/page.js";

const check = process.argv.includes("--check");
const figures: Record<string, CaptureFigures> = {};
for (const name of captureNames()) {
  process.stderr.write(`${name}\n`);
  figures[name] = await replayCapture(name);
}
process.stdout.write(summaryText(figures));
if (check) {
  const known = readFigures();
  const worse = Object.entries(figures).flatMap(([name, now]) => {
    const before = known[name];
    return before === undefined ? [`${name}: not on record`] : losses(name, before, now);
  });
  for (const line of worse) process.stdout.write(`worse: ${line}\n`);
  if (worse.length > 0) process.exitCode = 1;
} else {
  writeFileSync(FIGURES, `${JSON.stringify(figures, null, 1)}\n`);
  writeFileSync(PAGE, pageText(figures));
}
