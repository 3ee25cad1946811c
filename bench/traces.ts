/** Writes the traces to measure with; the same workload and size give the same bytes. */

import type { Event } from "../src/engine/event/index.js";
import { FORMAT_VERSION } from "../src/replay/header.js";
import { writeTraceFile } from "../src/replay/writer.js";
import type { Workload } from "./workloads/workload.js";

/** Writes the first `events` events of a workload. */
export async function writeWorkload(
  workload: Workload,
  events: number,
  path: string,
): Promise<void> {
  const source = { how: "generator", name: workload.name } as const;
  await writeTraceFile(
    {
      header: { lutrace: FORMAT_VERSION, profile: workload.profile, source },
      batches: () => firstOf(workload.batches(), events),
    },
    path,
  );
}

/** At most `events` events of an endless stream. */
export function* firstOf(batches: Iterable<Event[]>, events: number): Generator<Event[]> {
  let left = events;
  for (const batch of batches) {
    yield batch.length > left ? batch.slice(0, left) : batch;
    left -= batch.length;
    if (left <= 0) return;
  }
}
