/**
 * Stores checkpoints while a trace is gone through. They stand at even distances in the file; where
 * the machine is so large that this would slow the pass down, fewer are stored.
 */

import type { AnalysisProgress } from "../analysis.js";
import type { ResumePoint } from "../resume-point.js";
import { type Checkpoint, packPicture, takePicture } from "./checkpoint-file.js";
import type { CheckpointStore, StoredCheckpoint } from "./checkpoint-store.js";

/** A trace is divided into so many parts; each but the first may start with a checkpoint. */
export const SPOTS = 256;
/** What the first checkpoint may cost: the code that stores it has not run before. */
const FIRST_COST_MS = 30;
/** What packing and writing one costs beside the pass, which nobody can measure. */
const WRITING_COST_MS = 4;
/** What part of a picture's size its file has, roughly, as long as there is none. */
const PACKED_SHARE = 0.5;
/** The disk may be slower than the pass; no more than this waits for it. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;

export interface RecorderOptions {
  readonly store: CheckpointStore;
  /** What is stored already. */
  readonly stored: readonly StoredCheckpoint[];
  /** How much of the trace lies before the part that is gone through, from 0 to 1. */
  readonly first_share: number;
  /** What the checkpoints of this trace together may take. */
  readonly size_bytes_max: number;
  /** Which part of the time of a pass storing may take. */
  readonly time_share: number;
  /** A clock that never runs backwards, in milliseconds. */
  now_ms(): number;
}

export class CheckpointRecorder {
  /** Spots that have their checkpoint, or had their chance. */
  private readonly done: Set<number>;
  private readonly started_ms: number;
  private spent_ms = 0;
  private cost_ms = FIRST_COST_MS;
  /** The largest file, and what part of a picture's size its file has. */
  private largest_bytes = 0;
  private packed_share = PACKED_SHARE;
  private readonly pending: Promise<void>[] = [];
  /** Pictures that are not written yet, in bytes. */
  private pending_bytes = 0;
  private failure: unknown;
  private written = 0;

  constructor(private readonly options: RecorderOptions) {
    this.done = new Set(options.stored.map(({ spot }) => spot));
    this.started_ms = options.now_ms();
  }

  get hasWritten(): boolean {
    return this.written > 0;
  }

  /**
   * Stores a checkpoint where one is due.
   *
   * @param share How much of the trace has been read, from 0 to 1.
   */
  onBlock(
    progress: AnalysisProgress,
    share: number,
    resumePoint: () => ResumePoint | undefined,
  ): void {
    const spot = Math.floor(share * SPOTS);
    if (spot === 0 || spot >= SPOTS || this.done.has(spot)) return;
    if (this.failure !== undefined || this.pending_bytes > PENDING_BYTES_MAX) return;
    if (!this.isDue(spot, share - this.options.first_share)) return;
    const point = resumePoint();
    if (point === undefined) return;
    this.done.add(spot);
    const { machine, events, last_seq } = progress;
    const recorded = this.record({ machine, events, last_seq, point }, spot);
    this.pending.push(
      recorded.catch((error: unknown) => {
        this.failure ??= error;
      }),
    );
  }

  /**
   * Waits for what is being written.
   *
   * @throws What the file system said, where a checkpoint could not be written; AssertionError
   *   where the machine could not be stored.
   */
  async finish(): Promise<void> {
    await Promise.all(this.pending);
    if (this.failure !== undefined) throw this.failure;
  }

  /** Whether time and size allow one here, with none too near before it. */
  private isDue(spot: number, done_share: number): boolean {
    const { now_ms, time_share, first_share, size_bytes_max } = this.options;
    const elapsed_ms = now_ms() - this.started_ms;
    // A pass from the start may store its first one at once: a long pass has time for it later.
    const granted_ms = first_share === 0 ? FIRST_COST_MS : 0;
    if (this.spent_ms + this.cost_ms > granted_ms + elapsed_ms * time_share) return false;
    const pass_ms = elapsed_ms / done_share;
    const count_max = Math.min(
      (pass_ms * time_share) / this.cost_ms,
      size_bytes_max / this.largest_bytes,
    );
    const stride = Math.max(1, Math.ceil(SPOTS / count_max));
    const first = spot - (spot % stride);
    if (first === 0) return false;
    for (let near = first; near < first + stride; near++) if (this.done.has(near)) return false;
    return true;
  }

  /** The picture is taken at once; the rest goes on beside the pass. */
  private async record(checkpoint: Checkpoint, spot: number): Promise<void> {
    const start_ms = this.options.now_ms();
    const picture = takePicture(checkpoint);
    this.cost_ms = this.options.now_ms() - start_ms + WRITING_COST_MS;
    this.spent_ms += this.cost_ms;
    if (picture === undefined) return;
    this.largest_bytes = Math.max(this.largest_bytes, picture.length * this.packed_share);
    this.pending_bytes += picture.length;
    const bytes = await packPicture(picture);
    await this.options.store.write(checkpoint.point.after_seq, spot, bytes);
    this.pending_bytes -= picture.length;
    this.packed_share = bytes.length / picture.length;
    this.written++;
  }
}
