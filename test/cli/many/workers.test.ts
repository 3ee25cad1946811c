/** What becomes of a run when something happens to its workers, or to itself. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BuiltProgram } from "../../support/built-program.js";
import { nothingWrong, preservesTwice, StoryFolder } from "../story-file.js";

const BUILD_TIMEOUT_MS = 120_000;
/** Generous: other tests run at the same time. */
const PROMPT_MS = 20_000;
const lutrace = new BuiltProgram("workers");
const folder = new StoryFolder();
const HEADER = '{"lutrace":1,"profile":"luo73"}\n';
const greedy = folder.file("greedy.ndjson");

beforeAll(async () => {
  lutrace.build();
  await folder.write("clean.ndjson", nothingWrong);
  await folder.write("warned.ndjson", preservesTwice);
  writeGreedy();
}, BUILD_TIMEOUT_MS);

afterAll(() => {
  folder.remove();
  lutrace.remove();
});

/** A process that opens files with names of a megabyte each: the machine keeps them. */
function writeGreedy(): void {
  const lines = Array.from({ length: 150 }, (_, index) =>
    JSON.stringify({
      seq: index + 1,
      type: "open",
      pid: 100,
      path: `/${index}-${"x".repeat(1_000_000)}`,
      flags: 0,
      ret: 3 + index,
    }),
  );
  writeFileSync(greedy, `${HEADER}${lines.join("\n")}\n`);
}

test("a trace that needs too much memory does not lose the others", async () => {
  const [clean, warned] = ["clean.ndjson", "warned.ndjson"].map((name) => folder.file(name));
  const argv = ["check", "--format", "json", clean ?? "", greedy, warned ?? ""];
  const { status, out, err } = await lutrace.run([...argv, "-j2", "--job-memory", "64M"]);
  expect(status).toBe(2);
  const { traces, errors } = JSON.parse(out);
  expect(traces.map(({ path }: { path: string }) => path)).toEqual([clean, warned]);
  const message = `${greedy}: needs more memory than 64 MB (--job-memory gives more)`;
  expect(errors).toEqual([{ path: greedy, message }]);
  expect(err).toBe(`lutrace: ${message}\n`);
});

/** Processes that a process has started and that are still there. */
function childrenOf(pid: number): number[] {
  try {
    const path = `/proc/${pid}/task/${pid}/children`;
    return readFileSync(path, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const start = Date.now();
  while (!isTrue()) {
    if (Date.now() - start > PROMPT_MS) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("Ctrl-C ends the program and its workers at once", async () => {
  const lines = Array.from(
    { length: 400_000 },
    (_, seq) => `{"seq":${seq + 1},"type":"marker","pid":100,"what":"turn"}`,
  );
  const long = ["long1.ndjson", "long2.ndjson"].map((name) => folder.file(name));
  for (const path of long) writeFileSync(path, `${HEADER}${lines.join("\n")}\n`);
  const cache = folder.file("cache");
  const child = lutrace.start(["check", ...long, "-j2", "--cache-dir", cache]);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_status, signal) => resolve(signal));
  });
  const pid = child.pid ?? 0;
  await until(() => childrenOf(pid).length === 2);
  const workers = childrenOf(pid);
  // To the program alone: a terminal would tell its workers, too.
  child.kill("SIGINT");
  expect(await ended).toBe("SIGINT");
  await until(() => !workers.some((worker) => existsSync(`/proc/${worker}`)));
  const kept = readdirSync(cache, { recursive: true, encoding: "utf8" });
  expect(kept.filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("one trace is read in the program itself, whatever --jobs says", async () => {
  const child = lutrace.start(["check", greedy, "-j8"]);
  let seen = 0;
  const watch = setInterval(() => {
    seen = Math.max(seen, childrenOf(child.pid ?? 0).length);
  }, 5);
  child.stdout.resume();
  await new Promise((resolve) => child.on("close", resolve));
  clearInterval(watch);
  expect(seen).toBe(0);
});
