/** The ways to go through a trace that are compared with each other. */

import { createReadStream, readFileSync } from "node:fs";
import ndjson from "ndjson";
import { analyse } from "../src/replay/analysis.js";
import { openTrace } from "../src/replay/source.js";
import { checkTrace } from "../src/report/check-trace.js";
import { replayTrace } from "../src/report/replay-trace.js";
import { profileOf } from "../src/report/run-options.js";

const NEWLINE = 0x0a;

/** Goes through a whole file; gives the number of its events. */
type Way = (path: string) => Promise<number>;

/** What everything is compared with: each line as a string, each string through JSON.parse. */
async function jsonParse(path: string): Promise<number> {
  const bytes = readFileSync(path);
  let lines = 0;
  let seqs = 0;
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const value = JSON.parse(bytes.toString("utf8", at, end)) as { seq?: number };
    if (value.seq !== undefined) seqs++;
    lines++;
    at = end + 1;
  }
  return lines === seqs + 1 ? seqs : Number.NaN;
}

/** The package people reach for: a stream of parsed objects. */
async function ndjsonPackage(path: string): Promise<number> {
  let events = -1;
  for await (const _object of createReadStream(path).pipe(ndjson.parse())) events++;
  return events;
}

/** Every line read in the form in which the analysis takes it, and nothing done with it. */
async function decode(path: string): Promise<number> {
  const source = await openTrace(path);
  let events = 0;
  const count = () => {
    events++;
    return true;
  };
  await source.drive({ event: count, routine: count });
  return events;
}

/** Every line as an event object. */
async function events(path: string): Promise<number> {
  const source = await openTrace(path);
  let events = 0;
  for await (const batch of source.batches()) events += batch.length;
  return events;
}

/** The machine alone: nothing is compared, nothing is checked. */
async function emulate(path: string): Promise<number> {
  const source = await openTrace(path);
  return (await analyse(source, { profile: profileOf(source, {}) })).events;
}

async function replay(path: string): Promise<number> {
  return (await replayTrace(await openTrace(path))).trace.events;
}

async function check(path: string): Promise<number> {
  return (await checkTrace(await openTrace(path))).trace.events;
}

export const WAYS = {
  "JSON.parse": jsonParse,
  ndjson: ndjsonPackage,
  decode,
  events,
  emulate,
  replay,
  check,
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;
export const BASELINE: WayName = "JSON.parse";
