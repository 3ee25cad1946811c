/**
 * npm run bench:checkpoints -- [--events N] [--rounds N] [--points N] [--trace FILE]
 *
 * `lutrace state --at N` against the first pass over the same trace, as commands: their start is
 * part of what users wait for. CPU time says more than wall time on a computer that has other work.
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
  import { writeFileSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(process.env.BENCH_CPU_FILE, String(user + system));
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
  const cpu_s = Number(readFileSync(cpuFile, "utf8")) / US_PER_SECOND;
  return { cpu_s, wall_s, out: stdout };
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
  row("command", "CPU s", "wall s", "CPU / first", "wall / first");
  const base = { cpu_s: of(first, "cpu_s"), wall_s: of(first, "wall_s") };
  const line = (what: string, cpu_s: number, wall_s: number): void => {
    const shares = [cpu_s / base.cpu_s, wall_s / base.wall_s].map((share) => share.toFixed(3));
    row(what, cpu_s.toFixed(2), wall_s.toFixed(2), ...shares);
  };
  line("state --no-cache", of(without, "cpu_s"), of(without, "wall_s"));
  line("state, first", base.cpu_s, base.wall_s);
  line("state --at N, median", of(later, "cpu_s"), of(later, "wall_s"));
  line("state --at N, worst", worst(later, "cpu_s"), worst(later, "wall_s"));
  line("state --at 1", of(start, "cpu_s"), of(start, "wall_s"));
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

type CostKey = "cpu_s" | "wall_s";

function of(costs: readonly Cost[], key: CostKey): number {
  return median(costs.map((cost) => cost[key]));
}

function worst(costs: readonly Cost[], key: CostKey): number {
  return Math.max(...costs.map((cost) => cost[key]));
}

function row(...cells: readonly string[]): void {
  say(cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(14))).join(""));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
