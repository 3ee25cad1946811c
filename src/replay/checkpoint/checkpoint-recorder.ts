/**
 * Stores checkpoints while a trace is gone through. They stand at even distances in the file; where
 * the machine is so large that this would slow the pass down, fewer are stored.
 */

import type { AnalysisProgress } from "../analysis.js";
import type { ResumePoint } from "../resume-point.js";
import { type Checkpoint, packPicture, takePicture } from "./checkpoint-file.js";
import type { CheckpointStore, StoredCheckpoint } from "./checkpoint-store.js";

/** Into how many parts a trace is divided; a checkpoint stands at the start of each but the first. */
export const SPOTS = 64;
/** Which part of the time so far storing may have taken. */
const TIME_SHARE = 0.08;

export interface RecorderOptions {
  readonly store: CheckpointStore;
  /** What is stored already. */
  readonly stored: readonly StoredCheckpoint[];
  /** What the checkpoints of this trace together may take. */
  readonly size_bytes_max: number;
  /** A clock that never runs backwards, in milliseconds. */
  now_ms(): number;
}

export class CheckpointRecorder {
  /** Spots that have their checkpoint, or had their chance. */
  private readonly done: Set<number>;
  private readonly started_ms: number;
  private spent_ms = 0;
  private last_ms = 0;
  private largest_bytes: number;
  private pending: Promise<void> | undefined;
  private failure: unknown;
  private written = 0;

  constructor(private readonly options: RecorderOptions) {
    this.done = new Set(options.stored.map(({ spot }) => spot));
    this.largest_bytes = Math.max(0, ...options.stored.map(({ size_bytes }) => size_bytes));
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
    if (spot === 0 || spot >= SPOTS || this.done.has(spot) || !this.isDue(spot)) return;
    const point = resumePoint();
    if (point === undefined) return;
    this.done.add(spot);
    this.pending = this.record({ ...progress, point }, spot).then(
      () => {
        this.pending = undefined;
      },
      (error: unknown) => {
        this.failure = error;
      },
    );
  }

  /**
   * Waits for what is being written.
   *
   * @throws What the file system said, where a checkpoint could not be written; AssertionError where
   *   the machine could not be stored.
   */
  async finish(): Promise<void> {
    await this.pending;
    if (this.failure !== undefined) throw this.failure;
  }

  private isDue(spot: number): boolean {
    if (this.pending !== undefined || spot % this.stride() !== 0) return false;
    const elapsed_ms = this.options.now_ms() - this.started_ms;
    return this.spent_ms + this.last_ms <= elapsed_ms * TIME_SHARE;
  }

  /** Every how many spots one is stored, so that all together fit into the size. */
  private stride(): number {
    let stride = 1;
    while ((SPOTS / stride) * this.largest_bytes > this.options.size_bytes_max && stride < SPOTS) {
      stride *= 2;
    }
    return stride;
  }

  /** The picture is taken at once; the rest goes on beside the pass. */
  private async record(checkpoint: Checkpoint, spot: number): Promise<void> {
    const start_ms = this.options.now_ms();
    const picture = takePicture(checkpoint);
    this.last_ms = this.options.now_ms() - start_ms;
    this.spent_ms += this.last_ms;
    if (picture === undefined) return;
    const bytes = await packPicture(picture);
    await this.options.store.write(checkpoint.point.after_seq, spot, bytes);
    this.written++;
    this.largest_bytes = Math.max(this.largest_bytes, bytes.length);
  }
}
