/**
 * npm run bench:checkpoints -- [--events N] [--rounds N] [--points N] [--trace FILE]
 *
 * `lutrace state --at N` against the first pass over the same trace, as commands: their start is
 * part of what users wait for. On a computer that has other work the time of the main thread on a
 * CPU says more than wall time; where Linux does not tell it, it is that of all threads.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./measure.js";
import { writeWorkload } from "./traces.js";
import { LIVE_UPDATES } from "./workloads/live-updates.js";
import { STORM } from "./workloads/storm.js";

const PROGRAM = new URL("../../bin/lutrace.js", import.meta.url).pathname;
const MEGABYTE = 1024 * 1024;
const US_PER_SECOND = 1e6;
const NS_PER_SECOND = 1e9;
/** Writes what the process has used when it ends. */
const METER = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeFileSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    let main_us = user + system;
    try {
      const facts = readFileSync("/proc/self/task/" + process.pid + "/schedstat", "utf8");
      main_us = Number(facts.split(" ")[0]) / 1000;
    } catch {}
    writeFileSync(process.env.BENCH_CPU_FILE, JSON.stringify([main_us, user + system]));
  });
`)}`;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    points: { type: "string", default: "15" },
    trace: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const points = Number(values.points);

const folder = mkdtempSync(join(tmpdir(), "lutrace-bench-"));
const cpuFile = join(folder, "cpu");
const cache = join(folder, "cache");
try {
  if (values.trace !== undefined) measure(values.trace, values.trace);
  else {
    for (const workload of [STORM, LIVE_UPDATES]) {
      const path = join(folder, "trace.ndjson");
      await writeWorkload(workload, Number(values.events), path);
      measure(workload.name, path);
      rmSync(path);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

interface Cost {
  /** Of the main thread. */
  readonly main_s: number;
  /** Of all threads. */
  readonly cpu_s: number;
  readonly wall_s: number;
  readonly out: string;
}

/** Runs `lutrace state` on a trace. */
function state(path: string, ...more: readonly string[]): Cost {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", METER, PROGRAM, "state", path, "--cache-dir", cache, ...more],
    { encoding: "utf8", env: { ...process.env, BENCH_CPU_FILE: cpuFile } },
  );
  const wall_s = Number(process.hrtime.bigint() - start) / NS_PER_SECOND;
  if (status !== 0) throw new Error(`lutrace state failed: ${stderr}`);
  const [main_us, cpu_us] = JSON.parse(readFileSync(cpuFile, "utf8")) as [number, number];
  return { main_s: main_us / US_PER_SECOND, cpu_s: cpu_us / US_PER_SECOND, wall_s, out: stdout };
}

function measure(name: string, path: string): void {
  const without: Cost[] = [];
  const first: Cost[] = [];
  state(path, "--no-cache");
  for (let round = 0; round < rounds; round++) {
    rmSync(cache, { recursive: true, force: true });
    without.push(state(path, "--no-cache"));
    first.push(state(path));
  }
  const last = lastSeq(path);
  const later: Cost[] = [];
  for (let point = 1; point <= points; point++) {
    const at = String(Math.floor((last * point) / (points + 1)));
    later.push(state(path, "--at", at));
  }
  const start = Array.from({ length: rounds }, () => state(path, "--at", "1"));
  const check = state(path, "--at", String(last >> 1), "--no-cache");
  if (check.out !== state(path, "--at", String(last >> 1)).out) throw new Error("not the same");
  say(`${name}: ${last} events, ${Math.round(statSync(path).size / MEGABYTE)} MiB`);
  say(`checkpoints: ${checkpointsText()}`);
  row("command", "main s", "/ first", "CPU s", "/ first", "wall s", "/ first");
  line("state --no-cache", without, first);
  line("state, first", first, first);
  line("state --at N, median", later, first);
  line("state --at N, worst", later, first, worst);
  line("state --at 1", start, first);
}

function line(
  what: string,
  costs: readonly Cost[],
  first: readonly Cost[],
  choose: (values: readonly number[]) => number = median,
): void {
  const cells = (["main_s", "cpu_s", "wall_s"] as const).flatMap((key) => {
    const value = choose(costs.map((cost) => cost[key]));
    const base = median(first.map((cost) => cost[key]));
    return [value.toFixed(2), (value / base).toFixed(3)];
  });
  row(what, ...cells);
}

function lastSeq(path: string): number {
  const { out } = state(path);
  return Number(/^state after #(\d+)/.exec(out)?.[1]);
}

function checkpointsText(): string {
  const names = readdirSync(cache, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".checkpoint"));
  const bytes = files.reduce((sum, name) => sum + statSync(join(cache, name)).size, 0);
  return `${files.length}, ${(bytes / MEGABYTE).toFixed(1)} MiB`;
}

function worst(values: readonly number[]): number {
  return Math.max(...values);
}

function row(...cells: readonly string[]): void {
  say(cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(9))).join(""));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
