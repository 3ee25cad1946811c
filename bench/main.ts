/**
 * npm run bench -- [--json] [--quick] [--only WORKLOAD] [--events N] [--rounds N]
 * [--memory-events N] [--write]; `--from FILE` takes the results of an earlier `--json`.
 */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureAreas } from "./areas.js";
import { withFigures } from "./markdown.js";
import { type Measured, measureWays, median, peakOf, wallSeconds } from "./measure.js";
import { type BenchReport, reportText } from "./report.js";
import { writeWorkload } from "./traces.js";
import { BASELINE, type WayName } from "./ways.js";
import { LIVE_UPDATES } from "./workloads/live-updates.js";
import { SMALL_CONTEXTS } from "./workloads/small-contexts.js";
import { STORM } from "./workloads/storm.js";
import type { Workload } from "./workloads/workload.js";

const WORKLOADS: readonly Workload[] = [STORM, LIVE_UPDATES, SMALL_CONTEXTS];
const AREA_SIZES = [1000, 1_000_000];
const AREA_CALLS = 20_000;
const START_ROUNDS = 15;
/** From the compiled file. */
const DOCUMENT = new URL("../../docs/performance.md", import.meta.url);
const FULL = { events: 1_000_000, rounds: 5, memory_events: 10_000_000 };
const QUICK = { events: 100_000, rounds: 3, memory_events: 1_000_000 };

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    events: { type: "string" },
    rounds: { type: "string" },
    "memory-events": { type: "string" },
    only: { type: "string" },
    from: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const defaults = values.quick ? QUICK : FULL;
const sizes = {
  events: Number(values.events ?? defaults.events),
  rounds: Number(values.rounds ?? defaults.rounds),
  memory_events: Number(values["memory-events"] ?? defaults.memory_events),
};

const folder = mkdtempSync(join(tmpdir(), "lutrace-bench-"));
try {
  const { from } = values;
  const report =
    from === undefined ? await run() : (JSON.parse(readFileSync(from, "utf8")) as BenchReport);
  if (values.write) writeFileSync(DOCUMENT, withFigures(readFileSync(DOCUMENT, "utf8"), report));
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
} finally {
  rmSync(folder, { recursive: true });
}

async function run(): Promise<BenchReport> {
  const traces = [];
  for (const workload of WORKLOADS) {
    if (values.only !== undefined && !workload.name.includes(values.only)) continue;
    traces.push(await measureWorkload(workload));
  }
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    rounds: sizes.rounds,
    traces,
    areas: measureAreas(AREA_SIZES, sizes.rounds, AREA_CALLS),
    memory: await measureMemory(),
    start: measureStart(),
  };
}

async function measureWorkload(workload: Workload): Promise<BenchReport["traces"][number]> {
  const path = join(folder, "trace.ndjson");
  await writeWorkload(workload, sizes.events, path);
  const ways = await measureWays(path, sizes.rounds);
  const jq = measureJq(path, ways);
  const bytes = statSync(path).size;
  const withPeaks = ways.map((way) => ({ ...way, peak_bytes: peakOf(way.way as WayName, path) }));
  rmSync(path);
  return { name: workload.name, bytes, ways: jq === undefined ? withPeaks : [...withPeaks, jq] };
}

/** What people do without a tool: jq -c over every line. */
function measureJq(path: string, ways: readonly Measured[]): Measured | undefined {
  const seconds = wallSeconds("jq", ["-c", ".", path]);
  const baseline = ways.find(({ way }) => way === BASELINE);
  if (seconds === undefined || baseline === undefined) return undefined;
  const events_per_second = baseline.events / seconds;
  const ratio = events_per_second / baseline.events_per_second;
  return { way: "jq -c", events: baseline.events, events_per_second, ratio, peak_bytes: undefined };
}

async function measureMemory(): Promise<BenchReport["memory"]> {
  if (sizes.memory_events === 0) return undefined;
  const path = join(folder, "long.ndjson");
  await writeWorkload(STORM, sizes.memory_events, path);
  const peak_bytes = peakOf("check", path);
  rmSync(path);
  return { events: sizes.memory_events, peak_bytes };
}

function measureStart(): BenchReport["start"] {
  const program = new URL("../../bin/lutrace.js", import.meta.url).pathname;
  const node: number[] = [];
  const help: number[] = [];
  for (let round = 0; round <= START_ROUNDS; round++) {
    const bare = wallSeconds(process.execPath, ["-e", "0"]);
    const ours = wallSeconds(process.execPath, [program, "--help"]);
    if (round === 0) continue;
    node.push(bare ?? Number.NaN);
    help.push(ours ?? Number.NaN);
  }
  return { node_seconds: median(node), help_seconds: median(help) };
}
