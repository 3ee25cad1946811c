/**
 * Processes that work on tasks, one task each at a time. Not threads: a thread that runs out of
 * memory can end the whole program, a process takes only its own task with it
 * (docs/decisions/0006-workers-are-processes.md).
 */

import { type ChildProcess, fork } from "node:child_process";
import { WorkerDeath } from "./worker-death.js";
import type { FromWorker } from "./worker-messages.js";

/** What is kept of a worker's last words. */
const STDERR_CHARACTERS_MAX = 8192;

export interface WorkerPoolOptions {
  /** The module a worker runs; it answers each task with one message. */
  readonly entry: URL;
  readonly workers_max: number;
  /** The JavaScript heap one worker may fill. */
  readonly heap_megabytes: number;
}

interface Pending<Task, Answer> {
  readonly task: Task;
  on_progress(bytes_read: number): void;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Worker<Task, Answer> {
  readonly process: ChildProcess;
  current: Pending<Task, Answer> | undefined;
  stderr: string;
}

export class WorkerPool<Task extends object, Answer> {
  readonly #workers = new Set<Worker<Task, Answer>>();
  readonly #idle: Worker<Task, Answer>[] = [];
  readonly #queue: Pending<Task, Answer>[] = [];

  constructor(readonly options: WorkerPoolOptions) {}

  /**
   * Gives the task to the next free worker.
   *
   * @throws WorkerDeath when the worker ended before it answered.
   */
  run(task: Task, on_progress: (bytes_read: number) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, on_progress, resolve, reject });
      this.#assign();
    });
  }

  /** Ends all workers, whatever they are doing. */
  close(): void {
    for (const { process } of this.#workers) process.kill("SIGKILL");
    this.#workers.clear();
    this.#idle.length = 0;
  }

  #assign(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === undefined) return;
      const pending = this.#queue.shift();
      worker.current = pending;
      // A worker that is gone is told to us as its end, which carries more than this error.
      if (pending !== undefined) worker.process.send(pending.task, () => undefined);
    }
  }

  #start(): Worker<Task, Answer> | undefined {
    if (this.#workers.size >= this.options.workers_max) return undefined;
    const process = fork(this.options.entry, {
      execArgv: [`--max-old-space-size=${this.options.heap_megabytes}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const worker: Worker<Task, Answer> = { process, current: undefined, stderr: "" };
    this.#workers.add(worker);
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      worker.stderr = (worker.stderr + text).slice(-STDERR_CHARACTERS_MAX);
    });
    process.on("message", (message) => this.#take(worker, message as FromWorker<Answer>));
    process.on("error", (error) => this.#bury(worker, error));
    // Not "exit": the last words come after it.
    process.on("close", (code, signal) => {
      this.#bury(worker, new WorkerDeath(code, signal, worker.stderr));
    });
    return worker;
  }

  #take(worker: Worker<Task, Answer>, message: FromWorker<Answer>): void {
    const { current } = worker;
    if ("bytes_read" in message) {
      current?.on_progress(message.bytes_read);
      return;
    }
    worker.current = undefined;
    this.#idle.push(worker);
    current?.resolve(message.answer);
    this.#assign();
  }

  #bury(worker: Worker<Task, Answer>, error: unknown): void {
    if (!this.#workers.delete(worker)) return;
    const place = this.#idle.indexOf(worker);
    if (place !== -1) this.#idle.splice(place, 1);
    worker.current?.reject(error);
    this.#assign();
  }
}
