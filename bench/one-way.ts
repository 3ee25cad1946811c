/** A process of its own for one way over one file; prints its peak memory in bytes. */

import { readFileSync } from "node:fs";
import { WAYS, type WayName } from "./ways.js";

const [way = "", path = ""] = process.argv.slice(2);
await WAYS[way as WayName](path);
process.stdout.write(String(peakBytes()));

/**
 * The peak of this program alone. What the system counts for a process begins with the memory of
 * the one that started it, so where Linux tells the peak of the present address space, that is
 * taken.
 */
function peakBytes(): number {
  const BYTES_PER_KIB = 1024;
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (peak !== undefined) return Number(peak) * BYTES_PER_KIB;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * BYTES_PER_KIB;
}
