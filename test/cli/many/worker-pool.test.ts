import { afterEach, expect, test } from "vitest";
import { workerFailure } from "../../../src/cli/many/worker-failure.js";
import { WorkerPool } from "../../../src/cli/many/worker-pool.js";

interface Fate {
  readonly fate: "answer" | "exit" | "throw" | "killed" | "fill" | "hang";
  readonly text: string;
}

const HEAP_MEGABYTES = 64;
const entry = new URL("../../fixtures/worker/hard-times.mjs", import.meta.url);
const pools: WorkerPool<Fate, string>[] = [];

function pool(workers_max: number): WorkerPool<Fate, string> {
  const made = new WorkerPool<Fate, string>({ entry, workers_max, heap_megabytes: HEAP_MEGABYTES });
  pools.push(made);
  return made;
}

afterEach(() => {
  for (const made of pools.splice(0)) made.close();
});

/** What is said about a task in the end: its answer, or the failure. */
async function fateOf(task: Fate, workers: WorkerPool<Fate, string>): Promise<string> {
  try {
    return await workers.run(task, () => undefined);
  } catch (error) {
    const { status, message } = workerFailure(error, `${task.text}.ndjson`, HEAP_MEGABYTES);
    return `${status} ${message}`;
  }
}

test("a worker that dies takes only its own task with it", async () => {
  const workers = pool(2);
  const fates = [
    "answer",
    "exit",
    "answer",
    "throw",
    "killed",
    "answer",
    "fill",
    "answer",
  ] as const;
  const tasks = fates.map((fate, index) => ({ fate, text: `t${index}` }));
  const said = await Promise.all(tasks.map((task) => fateOf(task, workers)));
  expect(said[0]).toBe("t0");
  expect(said[1]).toMatch(/^70 t1\.ndjson: bug in lutrace, WorkerDeath: .* status 3/);
  expect(said[2]).toBe("t2");
  expect(said[3]).toMatch(/^70 t3\.ndjson: bug in lutrace/);
  expect(said[4]).toMatch(/^2 t4\.ndjson: the process that read it was killed/);
  expect(said[5]).toBe("t5");
  expect(said[6]).toBe("2 t6.ndjson: needs more memory than 64 MB (--job-memory gives more)");
  expect(said[7]).toBe("t7");
});

test("there are never more workers than allowed, and they are used again", async () => {
  const workers = pool(1);
  const texts = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const answers = texts.map((text) => workers.run({ fate: "answer", text }, () => undefined));
  expect(await Promise.all(answers)).toEqual(texts);
});

test("progress is told while a task runs", async () => {
  const told: number[] = [];
  await pool(1).run({ fate: "answer", text: "seven77" }, (bytes_read) => told.push(bytes_read));
  expect(told).toEqual([7]);
});

test("a pool can be closed whatever its workers are doing", async () => {
  const workers = pool(2);
  let started = 0;
  const begun = new Promise<void>((resolve) => {
    for (const text of ["a", "b"]) {
      void workers.run({ fate: "hang", text }, () => {
        started++;
        if (started === 2) resolve();
      });
    }
  });
  await begun;
  workers.close();
});
