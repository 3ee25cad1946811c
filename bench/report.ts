/** The results of a run, and the table a person reads. */

import type { AreasMeasured } from "./areas.js";
import type { Measured } from "./measure.js";

export interface BenchReport {
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly rounds: number;
  readonly traces: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly ways: readonly Measured[];
  }[];
  readonly areas: readonly AreasMeasured[];
  readonly memory: { readonly events: number; readonly peak_bytes: number } | undefined;
  /** Median wall times, in seconds. */
  readonly start: { readonly node_seconds: number; readonly help_seconds: number };
}

const MIB = 1024 * 1024;

export function reportText(report: BenchReport): string {
  const { node, cpu, cpus, rounds, traces, areas, memory, start } = report;
  const lines = [`node ${node}, ${cpus} x ${cpu}, medians of ${rounds} rounds`, ""];
  for (const { name, bytes, ways } of traces) {
    const events = ways[0]?.events ?? 0;
    lines.push(`${name}: ${events} events, ${(bytes / MIB).toFixed(0)} MiB`);
    lines.push(row(["", "events/s", "ratio", "peak MiB"]));
    for (const { way, events_per_second, ratio, peak_bytes } of ways) {
      const peak = peak_bytes === undefined ? "-" : (peak_bytes / MIB).toFixed(0);
      lines.push(row([way, events_per_second.toFixed(0), ratio.toFixed(2), peak]));
    }
    lines.push("");
  }
  lines.push("map/unmap by live areas");
  const [few] = areas;
  for (const { live_areas, call_ns } of areas) {
    const times = few === undefined ? "-" : (call_ns / few.call_ns).toFixed(2);
    lines.push(row([String(live_areas), `${call_ns.toFixed(0)} ns`, `x ${times}`, ""]));
  }
  lines.push("");
  if (memory !== undefined) {
    const { events, peak_bytes } = memory;
    lines.push(`check of ${events} events: peak ${(peak_bytes / MIB).toFixed(0)} MiB`);
  }
  const { node_seconds, help_seconds } = start;
  const times = (help_seconds / node_seconds).toFixed(2);
  lines.push(`lutrace --help: ${ms(help_seconds)}, x ${times} of node -e 0 (${ms(node_seconds)})`);
  return `${lines.join("\n")}\n`;
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}

function row([name = "", ...cells]: readonly string[]): string {
  return `  ${name.padEnd(12)}${cells.map((cell) => cell.padStart(12)).join("")}`;
}
