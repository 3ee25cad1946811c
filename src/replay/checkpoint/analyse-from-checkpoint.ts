/** An analysis that starts where an earlier one of the same trace has been. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { PROFILES } from "../../engine/profile/index.js";
import { type Analysis, type AnalysisOptions, analyse } from "../analysis.js";
import { isUnchanged } from "../file-stamp.js";
import type { TraceSource } from "../source.js";
import { type Checkpoint, unpackCheckpoint } from "./checkpoint-file.js";
import { pruneCheckpoints } from "./checkpoint-prune.js";
import { CheckpointRecorder } from "./checkpoint-recorder.js";
import { CheckpointStore, type StoredCheckpoint } from "./checkpoint-store.js";
import { sampleFile } from "./trace-digest.js";

/** Smaller traces are gone through before a checkpoint is of use. */
const TRACE_BYTES_MIN = 4 * 1024 * 1024;
const CACHE_BYTES_MAX = 1024 * 1024 * 1024;
const TIME_SHARE = 0.08;
/** One trace gets a quarter of the room. */
const TRACE_SHARE = 4;

/** Called with what went wrong with a checkpoint; the analysis is not affected. */
type OnFailure = (error: unknown) => void | Promise<void>;

export interface CheckpointOptions {
  /** Where the checkpoints of all traces lie; it is made when the first one is stored. */
  readonly folder: string;
  /** Which program this is: machines of another one are not taken. */
  program(): string;
  /** A clock that never runs backwards, in milliseconds. */
  now_ms(): number;
  readonly on_failure?: OnFailure | undefined;
  /** Default: 4 MiB. */
  readonly trace_bytes_min?: number | undefined;
  /** Which part of the time of a pass storing may take; default: 0.08. */
  readonly time_share?: number | undefined;
  /** What all checkpoints together may take; default: 1 GiB. One trace gets a quarter of it. */
  readonly size_bytes_max?: number | undefined;
}

/** Nobody can listen: the events before the checkpoint are not seen. */
export type UnheardOptions = Omit<
  AnalysisOptions,
  "listeners" | "routine" | "from" | "on_block"
> & {
  /** Counts in what is stored: a trace is read in one way or the other. */
  readonly lenient: boolean;
  readonly events_max?: number | undefined;
};

/**
 * The same as `analyse`, for whoever wants nothing but the machine after some event: `state --at`,
 * `diff --at`. The first pass over a trace stores checkpoints of the machine; a later one takes the
 * last checkpoint that is not behind `stop_after_seq`, and reads on from there. The result is the
 * same to the last bit.
 *
 * There are no checkpoints for standard input, pipes, captures of a recorder (import them first),
 * small traces, and where `events_max` is given. A compressed trace has to be decompressed from its
 * start, but not gone through.
 *
 * @param source As it was opened; nothing of it may have been taken.
 * @throws TraceError where the trace cannot be read on.
 */
export async function analyseFromCheckpoint(
  source: TraceSource,
  options: UnheardOptions,
  checkpoints: CheckpointOptions | undefined,
): Promise<Analysis> {
  const { stamp } = source;
  if (checkpoints === undefined || stamp === undefined || !canStore(source, options, checkpoints)) {
    return await analyse(source, options);
  }
  const { on_failure = () => undefined } = checkpoints;
  const { size_bytes_max = CACHE_BYTES_MAX, time_share = TIME_SHARE, now_ms } = checkpoints;
  const folder = join(checkpoints.folder, await keyOf(source, options, checkpoints));
  const store = new CheckpointStore(folder);
  const stored = await store.list();
  const from = await lastBefore(store, stored, options.stop_after_seq, on_failure);
  if (from !== undefined) await source.resumeAt(from.point);
  const recorder = new CheckpointRecorder({
    store,
    stored,
    first_share: from === undefined ? 0 : source.bytes_read() / stamp.size_bytes,
    size_bytes_max: size_bytes_max / TRACE_SHARE,
    time_share,
    now_ms,
  });
  try {
    return await analyse(source, {
      ...options,
      from,
      on_block: (progress) => {
        const share = source.bytes_read() / stamp.size_bytes;
        recorder.onBlock(progress, share, () => source.resumePoint());
      },
    });
  } finally {
    await recorder.finish().catch(on_failure);
    // Whoever wrote to the trace meanwhile made it another one than the key says.
    if (!(await isUnchanged(source.path, stamp))) await store.removeAll();
    if (recorder.hasWritten) await pruneCheckpoints(checkpoints.folder, size_bytes_max, folder);
  }
}

function canStore(
  { format, stamp }: TraceSource,
  { profile, events_max }: UnheardOptions,
  { trace_bytes_min = TRACE_BYTES_MIN }: CheckpointOptions,
): boolean {
  // A machine refers to its profile by name.
  if (PROFILES[profile.id] !== profile) return false;
  return (
    format === "native" && events_max === undefined && (stamp?.size_bytes ?? 0) >= trace_bytes_min
  );
}

/** Everything that decides about the machine at a place of the trace. */
async function keyOf(
  { path, stamp }: TraceSource,
  { profile, lenient }: UnheardOptions,
  { program }: CheckpointOptions,
): Promise<string> {
  const samples = await sampleFile(path, stamp?.size_bytes ?? 0);
  const parts = [program(), process.version, stamp?.text, samples, profile.id, lenient];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The last checkpoint that is not behind an event; damaged ones are removed on the way. */
async function lastBefore(
  store: CheckpointStore,
  stored: readonly StoredCheckpoint[],
  seq = Number.POSITIVE_INFINITY,
  on_failure: OnFailure,
): Promise<Checkpoint | undefined> {
  const before = stored.filter((checkpoint) => checkpoint.seq <= seq);
  for (const candidate of before.sort((a, b) => b.seq - a.seq)) {
    try {
      const bytes = await store.read(candidate);
      const checkpoint = bytes === undefined ? undefined : unpackCheckpoint(bytes);
      if (checkpoint !== undefined) return checkpoint;
    } catch (error) {
      await on_failure(error);
    }
    await store.remove(candidate);
  }
  return undefined;
}
