/**
 * Answers tasks about traces: from the cache, from a worker, or in this process. Which of them it
 * was can be told from the time only.
 */

import { availableParallelism } from "node:os";
import type { CorpusResult } from "../../replay/corpus/expectation.js";
import type { CheckedFile } from "../check/check-file.js";
import type { CliIo } from "../io.js";
import { Progress } from "../progress.js";
import { CacheKeys } from "./cache-key.js";
import { Gate } from "./gate.js";
import { type Input, weightOf } from "./inputs.js";
import type { ManyArgs } from "./many-options.js";
import { ManyProgress } from "./many-progress.js";
import { openCache } from "./open-cache.js";
import type { ResultCache } from "./result-cache.js";
import type { Answer, CheckTask, CorpusTask, Task } from "./task.js";
import { workerFailure } from "./worker-failure.js";
import { WorkerPool } from "./worker-pool.js";

/** Less than this is done before a worker has started, or a cache is looked through. */
const SMALL_BYTES = 4 * 1024 * 1024;
/** Files that are looked up in the cache at the same time. */
const FILES_AT_ONCE = 8;
/** Answers that may wait for an earlier one to be printed. */
const ANSWERS_WAITING_MAX = 256;

export type AnalystArgs = ManyArgs & { readonly progress: boolean };

export class Analyst {
  readonly #lookingUp = new Gate(FILES_AT_ONCE);
  /** In this process one trace is read after the other. */
  readonly #reading = new Gate(1);
  readonly #keys = new CacheKeys();
  readonly #progress: ManyProgress;

  private constructor(
    readonly args: AnalystArgs,
    readonly io: CliIo,
    readonly cache: ResultCache | undefined,
    readonly pool: WorkerPool<Task, Answer<unknown>> | undefined,
    /** Tasks worth giving at once. */
    readonly tasks_max: number,
  ) {
    this.#progress = new ManyProgress(io, args.progress);
  }

  /**
   * @param inputs The traces the tasks will be about: their number and size decide what pays.
   * @throws UsageError when the cache folder that was asked for cannot be used.
   */
  static async open(inputs: readonly Input[], args: AnalystArgs, io: CliIo): Promise<Analyst> {
    const weight = inputs.reduce((sum, input) => sum + weightOf(input), 0);
    const isSmall = weight < SMALL_BYTES;
    const wantsCache = args.cache && (!isSmall || args["cache-dir"] !== undefined);
    const cache = wantsCache ? await openCache(args["cache-dir"], io.env) : undefined;
    const pool = isSmall && args.jobs === undefined ? undefined : poolFor(inputs, args);
    const tasks_max =
      pool === undefined ? 1 : Math.max(ANSWERS_WAITING_MAX, 2 * pool.options.workers_max);
    const analyst = new Analyst(args, io, cache, pool, tasks_max);
    if (pool !== undefined) await analyst.#progress.start(inputs);
    return analyst;
  }

  /** Streams for whoever prints while the analyst works. */
  get besides(): CliIo {
    return this.#progress.besides();
  }

  async check(task: CheckTask, input: Input): Promise<Answer<CheckedFile>> {
    const answer = await this.#answer<CheckedFile>(task, input, {
      // A timing is to be measured, not remembered.
      canBeKept: task.with_timing ? undefined : ({ limit }) => limit === undefined,
      isEnough: ({ lines }) => !task.with_lines || lines !== undefined,
    });
    if (answer.result === undefined) return answer;
    const { lines, ...result } = answer.result;
    // It may come from a file of another name with the same contents.
    const trace = { ...result.trace, path: task.path };
    const wanted = task.with_lines && lines !== undefined ? { lines } : {};
    return { result: { ...result, trace, ...wanted } };
  }

  async corpus(task: CorpusTask, input: Input): Promise<Answer<CorpusResult>> {
    return await this.#answer<CorpusResult>(task, input, {
      canBeKept: () => true,
      isEnough: () => true,
    });
  }

  /** Ends the workers. To be called in any case. */
  async close(): Promise<void> {
    this.#progress.stop();
    this.pool?.close();
    await this.cache?.prune();
  }

  async #answer<Result>(task: Task, input: Input, rules: KeepRules<Result>) {
    try {
      const { cache } = this;
      if (cache === undefined || !input.is_file || rules.canBeKept === undefined) {
        return await this.#compute<Result>(task, input);
      }
      const { key, kept } = await this.#lookingUp.run(async () => {
        const key = await this.#keys.keyOf(task);
        const kept = key && ((await cache.get(key.hex)) as Result | undefined);
        return { key, kept };
      });
      if (kept !== undefined && rules.isEnough(kept)) return { result: kept };
      const answer = await this.#compute<Result>(task, input);
      const isKeepable = answer.result !== undefined && rules.canBeKept(answer.result);
      if (key !== undefined && isKeepable && (await key.isCurrent())) {
        await cache.put(key.hex, answer.result);
      }
      return answer;
    } finally {
      this.#progress.finish(input);
    }
  }

  async #compute<Result>(task: Task, input: Input): Promise<Answer<Result>> {
    const { pool } = this;
    // A pipe cannot be opened by another process.
    if (pool === undefined || !input.is_file) {
      return (await this.#reading.run(() => this.#computeHere(task))) as Answer<Result>;
    }
    try {
      const answer = await pool.run(task, (bytes) => this.#progress.update(input, bytes));
      return answer as Answer<Result>;
    } catch (error) {
      return { failure: workerFailure(error, task.path, this.args["job-memory"]) };
    }
  }

  async #computeHere(task: Task): Promise<Answer<unknown>> {
    // Loaded only here: without the engine, workers and remembered results come sooner.
    const { runTask } = await import("./run-task.js");
    const progress = new Progress(this.io, this.args.progress && this.pool === undefined);
    try {
      return await runTask(task, {
        stdin: this.io.stdin,
        on_open: (source) => progress.start(source),
        on_progress: () => progress.update(),
      });
    } finally {
      progress.stop();
    }
  }
}

interface KeepRules<Result> {
  /** Absent where nothing is to be kept or taken from the cache. */
  readonly canBeKept: ((result: Result) => boolean) | undefined;
  /** Whether a kept result has all that is asked for. */
  readonly isEnough: (result: Result) => boolean;
}

function poolFor(
  inputs: readonly Input[],
  args: ManyArgs,
): WorkerPool<Task, Answer<unknown>> | undefined {
  const files = inputs.filter(({ is_file }) => is_file).length;
  // Run from TypeScript sources there is no worker-main.js.
  if (files < 2 || !import.meta.url.endsWith(".js")) return undefined;
  return new WorkerPool({
    entry: new URL("./worker-main.js", import.meta.url),
    workers_max: Math.min(args.jobs ?? availableParallelism(), files),
    heap_megabytes: args["job-memory"],
  });
}
