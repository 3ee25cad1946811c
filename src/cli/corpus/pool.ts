import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { failureOf } from "../failure.js";
import { type CorpusJob, type JudgedTrace, judge } from "./judge.js";

/** A worker that needs more than this is stopped; its trace counts as failed, the others go on. */
const WORKER_HEAP_MEGABYTES = 4096;

export type Judge = (job: CorpusJob) => Promise<JudgedTrace>;

/** Runs `work` with a judge that spreads its jobs over the cores; one core needs no threads. */
export async function withJudges<T>(jobs: number, work: (judge: Judge) => Promise<T>): Promise<T> {
  const threads = Math.min(jobs, availableParallelism());
  const worker = new URL("./worker.js", import.meta.url);
  // Run from TypeScript sources there is no worker.js.
  const isBuilt = import.meta.url.endsWith(".js");
  if (threads < 2 || !isBuilt) return await work(judge);
  const pool = new Piscina({
    filename: worker.href,
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MEGABYTES },
  });
  try {
    return await work((job) => judgeIn(pool, job));
  } finally {
    await pool.destroy();
  }
}

/** A worker that dies takes only its own trace with it. */
async function judgeIn(pool: Piscina, job: CorpusJob): Promise<JudgedTrace> {
  const { path } = job.trace;
  try {
    return await pool.run(job);
  } catch (error) {
    const { message, status } = failureOf(error, path);
    return { entry: { path, status: "failed", differences: [], error: message }, failure: status };
  }
}
