import type { StructValues } from "../abi/layout.js";
import type { Errno } from "../errno.js";

/** How much the model says about an event. */
export type Judgement =
  /** The model claims the result; it counts in `calls`. */
  | "predicted"
  /** The model has no answer for this call; it counts as unmodelled. */
  | "unmodelled"
  /** Nothing to claim: an observation, a note, a call whose result the model does not state. */
  | "none";

/** The engine's own answer to one event. */
export interface Outcome {
  readonly judgement: Judgement;
  /** -1 on failure, as the C library returns it. */
  readonly ret: number | bigint;
  readonly errno: Errno | undefined;
  /** Predicted values of struct fields after the call; a field not named keeps its value. */
  readonly out: StructValues;
  /** Predicted bytes of `tail` and of the nested buffer after the call; undefined: unchanged. */
  readonly out_tail: Uint8Array | undefined;
  readonly mem_out: Uint8Array | undefined;
  /** Data a read call returns; undefined: not claimed. */
  readonly data: Uint8Array | undefined;
  /** Names of outputs taken from the trace because the model cannot know them. */
  readonly adopted: readonly string[];
  /** Other facts the event records and the model claims, by field name. */
  readonly claims: Readonly<Record<string, string | number | bigint | boolean>>;
  /** A failure the environment injected; the model only says what it leaves behind. */
  readonly injected: boolean;
  /** Which check of the model decided, for divergence reports. */
  readonly decided_by: string | undefined;
}
