import { printable } from "../../replay/printable.js";
import { EXIT } from "../exit-status.js";
import { type Failure, failureOf } from "../failure.js";
import { WorkerDeath } from "./worker-death.js";

/** What to say about a trace whose worker did not answer. */
export function workerFailure(error: unknown, path: string, heap_megabytes: number): Failure {
  if (!(error instanceof WorkerDeath)) return failureOf(error, path);
  if (error.out_of_memory) {
    return unusable(path, `needs more memory than ${heap_megabytes} MB (--job-memory gives more)`);
  }
  if (error.killed) {
    const hint = "the system does so when memory is short; fewer --jobs need less";
    return unusable(path, `the process that read it was killed (${hint})`);
  }
  return failureOf(error, path);
}

function unusable(path: string, problem: string): Failure {
  return { message: printable(`${path}: ${problem}`), status: EXIT.unusable };
}
