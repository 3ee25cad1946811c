/** Options of the commands that work on many traces. */

import type { Argv } from "yargs";
import { NUMBER, wholeNumber } from "../options.js";
import { UsageError } from "../usage-error.js";
import { parseShard, type Shard } from "./shard.js";

export interface ManyArgs {
  readonly jobs: number | undefined;
  /** Megabytes. */
  readonly "job-memory": number;
  readonly cache: boolean;
  readonly "cache-dir": string | undefined;
}

export interface ShardArgs {
  readonly shard: Shard | undefined;
}

/** More processes than this help nobody, and are a slip of the finger. */
const JOBS_MAX = 1024;
const JOB_MEMORY_MEGABYTES_MIN = 64;
const MEGABYTES: Readonly<Record<string, number>> = { M: 1, G: 1024 };

export function manyOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("jobs", {
      ...NUMBER,
      alias: "j",
      group: MANY,
      requiresArg: true,
      describe: "Traces to work on at the same time; default: as many as there are cores",
      coerce: jobsOf,
    })
    .option("job-memory", {
      type: "string",
      group: MANY,
      default: "4G",
      requiresArg: true,
      describe: "Heap of each job; a trace that needs more fails, the others go on",
      coerce: megabytesOf,
    })
    .option("cache", {
      type: "boolean",
      group: MANY,
      default: true,
      describe: "Take results of unchanged traces from earlier runs (--no-cache: do not)",
    })
    .option("cache-dir", {
      type: "string",
      group: MANY,
      requiresArg: true,
      describe: "Where results are kept; default: $XDG_CACHE_HOME/lutrace or ~/.cache/lutrace",
    });
}

export function shardOption<T>(yargs: Argv<T>) {
  return yargs.option("shard", {
    type: "string",
    group: MANY,
    requiresArg: true,
    describe: "Do part I of N (I/N) and print it for lutrace corpus merge",
    coerce: (text: string | undefined) => (text === undefined ? undefined : parseShard(text)),
  });
}

function jobsOf(text: string | undefined): number | undefined {
  const jobs = wholeNumber("jobs", text, 1);
  if (jobs !== undefined && jobs > JOBS_MAX) {
    throw new UsageError(`--jobs takes at most ${JOBS_MAX}, not ${text}`);
  }
  return jobs;
}

function megabytesOf(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,6})([MG])$/i.exec(text) ?? [];
  const megabytes = Number(digits) * (MEGABYTES[unit.toUpperCase()] ?? Number.NaN);
  if (megabytes >= JOB_MEMORY_MEGABYTES_MIN) return megabytes;
  throw new UsageError(
    `--job-memory needs a size such as 512M or 4G, at least ${JOB_MEMORY_MEGABYTES_MIN}M,` +
      ` not ${text}`,
  );
}

const MANY = "Many traces:";
