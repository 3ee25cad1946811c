/** The figures of a run as the part of docs/performance.md that nobody writes by hand. */

import type { BenchReport } from "./report.js";

const BEGIN = "<!-- figures: written by npm run bench -- --write -->";
const END = "<!-- end of figures -->";
const MIB = 1024 * 1024;

/** `document` with its figures replaced by those of `report`. */
export function withFigures(document: string, report: BenchReport): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("the document has no place for figures");
  const figures = figuresOf(report).join("\n");
  return `${document.slice(0, begin)}${BEGIN}\n\n${figures}\n\n${document.slice(end)}`;
}

function figuresOf({ node, cpu, cpus, rounds, ...rest }: BenchReport): string[] {
  const { traces, areas, memory, start } = rest;
  const lines = [`Node ${node}, ${cpus} x ${cpu}, medians of ${rounds} rounds.`];
  for (const { name, bytes, ways } of traces) {
    const events = ways[0]?.events ?? 0;
    lines.push("", `${name}: ${events} events, ${(bytes / MIB).toFixed(0)} MiB.`, "");
    lines.push("| | events/s | times JSON.parse | peak MiB |", "|---|--:|--:|--:|");
    for (const { way, events_per_second, ratio, peak_bytes } of ways) {
      const peak = peak_bytes === undefined ? "" : (peak_bytes / MIB).toFixed(0);
      lines.push(`| ${way} | ${events_per_second.toFixed(0)} | ${ratio.toFixed(2)} | ${peak} |`);
    }
  }
  const few = areas[0]?.call_ns ?? Number.NaN;
  lines.push("", "| live areas | ns per call | times the first |", "|--:|--:|--:|");
  for (const { live_areas, call_ns } of areas) {
    lines.push(`| ${live_areas} | ${call_ns.toFixed(0)} | ${(call_ns / few).toFixed(2)} |`);
  }
  lines.push("");
  if (memory !== undefined) {
    const peak = (memory.peak_bytes / MIB).toFixed(0);
    lines.push(`\`check\` of ${memory.events} events of the storm: ${peak} MiB at its peak.`);
  }
  const times = (start.help_seconds / start.node_seconds).toFixed(2);
  lines.push(`\`lutrace --help\`: ${times} times the wall time of \`node -e 0\`.`);
  return lines;
}
