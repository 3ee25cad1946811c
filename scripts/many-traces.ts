/**
 * Measures `corpus run` over many traces: jobs and cache, as ratios within each round.
 *
 * `npm run many-traces -- [--rounds N] [--folder traces] [--jobs 1,2]`; builds must be up to date.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const PROGRAM = join(import.meta.dirname, "..", "bin", "lutrace.js");
/** USER_HZ, the same on all common machines. */
const TICKS_PER_SECOND = 100;
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

/** What a run took. */
interface Spent {
  readonly seconds: number;
  /** Of all its processes; undefined where the system does not say. */
  readonly cpu_seconds: number | undefined;
}

const spent = new Map<string, Spent[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  const cache = mkdtempSync(join(tmpdir(), "lutrace-many-"));
  for (const [index, { name, options }] of ways.entries()) {
    const cacheOfJobs = join(cache, `${Math.floor(index / 3)}`);
    spent.set(name, [...(spent.get(name) ?? []), spentOn(options(cacheOfJobs))]);
  }
  rmSync(cache, { recursive: true });
}

const base = spent.get(ways[0]?.name ?? "") ?? [];
process.stdout.write("| | seconds | times the first | CPU time, times the first |\n");
process.stdout.write("|---|--:|--:|--:|\n");
for (const [name, rounds] of spent) {
  const cells = [
    median(rounds.map(({ seconds }) => seconds)),
    median(rounds.map(({ seconds }, round) => seconds / (base[round]?.seconds ?? Number.NaN))),
    median(rounds.map((one, round) => cpuOf(one) / cpuOf(base[round]))),
  ];
  process.stdout.write(`| ${[name, ...cells.map((cell) => cell.toFixed(2))].join(" | ")} |\n`);
}

function cpuOf(spent: Spent | undefined): number {
  return spent?.cpu_seconds ?? Number.NaN;
}

function spentOn(options: readonly string[]): Spent {
  const cpuBefore = childrenCpuSeconds();
  const start = process.hrtime.bigint();
  const argv = [PROGRAM, "corpus", "run", values.folder, ...options];
  const { status } = spawnSync(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] });
  // 1: an expectation does not hold; the work is the same.
  if (status !== 0 && status !== 1) throw new Error(`the run failed with status ${status}`);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpuAfter = childrenCpuSeconds();
  const isKnown = cpuBefore !== undefined && cpuAfter !== undefined;
  return { seconds, cpu_seconds: isKnown ? cpuAfter - cpuBefore : undefined };
}

/** CPU time of all children that have ended, and of theirs; Linux only. */
function childrenCpuSeconds(): number | undefined {
  try {
    const text = readFileSync("/proc/self/stat", "utf8");
    // After the name in parentheses: state is field 3, cutime and cstime are 16 and 17.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
