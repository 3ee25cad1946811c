/** What is computed about one trace, in this process or in a worker. */

import type { Readable } from "node:stream";
import type { ProfileId } from "../../engine/profile/index.js";
import type { TraceSource } from "../../replay/source.js";
import type { Failure } from "../failure.js";

/** Everything but the trace's contents that decides about the result of a check. */
export interface CheckSettings {
  readonly command: "check";
  readonly profile: ProfileId | undefined;
  readonly lenient: boolean;
  readonly limit_events: number | undefined;
}

/** The same for a trace of the corpus. */
export interface CorpusSettings {
  readonly command: "corpus";
  readonly profile: ProfileId | undefined;
}

export interface CheckTask {
  readonly path: string;
  readonly settings: CheckSettings;
  /** The text shows the events a finding is about; a document does not. */
  readonly with_lines: boolean;
  readonly with_timing: boolean;
}

export interface CorpusTask {
  readonly path: string;
  readonly settings: CorpusSettings;
}

export type Task = CheckTask | CorpusTask;

/** Plain data: it goes through a pipe, and through JSON when it is kept. */
export type Answer<Result> =
  | { readonly result: Result; readonly failure?: undefined }
  | { readonly failure: Failure; readonly result?: undefined };

/** What the process that works on a task has to do with it. */
export interface TaskHooks {
  /** Called once, before the events are read. */
  readonly on_open?: (source: TraceSource) => Promise<void>;
  readonly on_progress?: (bytes_read: number) => void;
  /** What the path `-` reads. */
  readonly stdin?: Readable;
}
