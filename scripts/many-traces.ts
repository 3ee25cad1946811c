/**
 * Measures `corpus run` over many traces: jobs and cache, as ratios within each round.
 *
 * `npm run many-traces -- [--rounds N] [--folder traces] [--jobs 1,2]`; builds must be up to date.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const PROGRAM = join(import.meta.dirname, "..", "bin", "lutrace.js");
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    folder: { type: "string", default: "traces" },
    jobs: { type: "string", default: "1,2" },
  },
});

/** One way to do the same run. */
interface Way {
  readonly name: string;
  readonly options: (cache: string) => readonly string[];
}

/** The first is what the others are compared with; a warm run follows the cold one it needs. */
const ways = values.jobs.split(",").flatMap((jobs): Way[] => [
  { name: `${jobs} jobs, no cache`, options: () => ["--no-cache", "-j", jobs] },
  { name: `${jobs} jobs, cold cache`, options: (cache) => ["--cache-dir", cache, "-j", jobs] },
  { name: `${jobs} jobs, warm cache`, options: (cache) => ["--cache-dir", cache, "-j", jobs] },
]);

const seconds = new Map<string, number[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  const cache = mkdtempSync(join(tmpdir(), "lutrace-many-"));
  for (const [index, { name, options }] of ways.entries()) {
    const cacheOfJobs = join(cache, `${Math.floor(index / 3)}`);
    const spent = secondsOf(options(cacheOfJobs));
    seconds.set(name, [...(seconds.get(name) ?? []), spent]);
  }
  rmSync(cache, { recursive: true });
}

const base = seconds.get(ways[0]?.name ?? "") ?? [];
process.stdout.write("| | seconds | times the first |\n|---|--:|--:|\n");
for (const [name, spent] of seconds) {
  const ratios = spent.map((value, round) => value / (base[round] ?? Number.NaN));
  process.stdout.write(
    `| ${name} | ${median(spent).toFixed(2)} | ${median(ratios).toFixed(2)} |\n`,
  );
}

function secondsOf(options: readonly string[]): number {
  const start = process.hrtime.bigint();
  const argv = [PROGRAM, "corpus", "run", values.folder, ...options];
  const { status } = spawnSync(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] });
  // 1: an expectation does not hold; the work is the same.
  if (status !== 0 && status !== 1) throw new Error(`the run failed with status ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
