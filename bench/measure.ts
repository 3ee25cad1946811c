/** Measures ways against each other: alternating in one process, medians of several rounds. */

import { spawnSync } from "node:child_process";
import { BASELINE, WAYS, type WayName } from "./ways.js";

/** What one way did on one trace. */
export interface Measured {
  readonly way: string;
  readonly events: number;
  readonly events_per_second: number;
  /** Speed in terms of the baseline's, measured in the same rounds. */
  readonly ratio: number;
  /** Peak memory of a process that does nothing else, in bytes. */
  readonly peak_bytes: number | undefined;
}

const NS_PER_SECOND = 1e9;

/** Every way once per round, one after the other; the first round only warms up. */
export async function measureWays(
  path: string,
  rounds: number,
  names: readonly WayName[] = Object.keys(WAYS) as WayName[],
): Promise<Measured[]> {
  const seconds = new Map<WayName, number[]>(names.map((name) => [name, []]));
  let events = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = process.hrtime.bigint();
      events = await WAYS[name](path);
      const taken = Number(process.hrtime.bigint() - start) / NS_PER_SECOND;
      if (round > 0) seconds.get(name)?.push(taken);
    }
  }
  const baseline = median(seconds.get(BASELINE) ?? []);
  return names.map((way) => {
    const taken = median(seconds.get(way) ?? []);
    const events_per_second = events / taken;
    return { way, events, events_per_second, ratio: baseline / taken, peak_bytes: undefined };
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Peak memory of a process that goes through the file one way, in bytes. */
export function peakOf(way: WayName, path: string): number {
  const child = new URL("./one-way.js", import.meta.url).pathname;
  const { stdout, status, stderr } = spawnSync(process.execPath, [child, way, path], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${way} failed: ${stderr}`);
  return Number(stdout);
}

/** Wall time of a command, in seconds; undefined when it is not installed or fails. */
export function wallSeconds(command: string, args: readonly string[]): number | undefined {
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(command, args, { stdio: "ignore" });
  if (error !== undefined || status !== 0) return undefined;
  return Number(process.hrtime.bigint() - start) / NS_PER_SECOND;
}
