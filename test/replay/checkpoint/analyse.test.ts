/** Analyses from checkpoints against whole ones, over one large trace in several forms. */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { type Analysis, analyse } from "../../../src/replay/analysis.js";
import {
  analyseFromCheckpoint,
  type CheckpointOptions,
} from "../../../src/replay/checkpoint/analyse-from-checkpoint.js";
import { compose } from "../../../src/replay/scenario/synth/compose.js";
import { synthOptions } from "../../../src/replay/scenario/synth/options.js";
import { openTrace } from "../../../src/replay/source.js";
import { stateHash } from "../../../src/replay/state/state-hash.js";
import { writeTraceFile } from "../../../src/replay/writer.js";
import { errorOf, fileOf, folderOf } from "../trace-file.js";

const SECONDS_MS = 1000;
const EVENTS = 60_000;
const profile = PROFILES.p2;

let path = "";
let lines: readonly string[] = [];
let last = 0;

beforeAll(async () => {
  path = join(folderOf(), "large.ndjson");
  await writeTraceFile(compose(synthOptions({ profile: "p2", vms: 2, events: EVENTS })), path);
  lines = readFileSync(path, "utf8").trimEnd().split("\n");
  last = (JSON.parse(lines.at(-1) ?? "") as { seq: number }).seq;
}, 120 * SECONDS_MS);

interface Pass {
  readonly events: number;
  readonly last_seq: number | undefined;
  readonly hash: string;
  readonly skipped: readonly (readonly [string, number])[];
  /** Blocks that were gone through. */
  readonly blocks: number;
}

interface How {
  readonly at?: number;
  readonly lenient?: boolean;
  readonly events_max?: number;
  readonly checkpoints?: CheckpointOptions;
}

async function pass(trace: string, how: How = {}): Promise<Pass> {
  const { lenient = false, events_max, at, checkpoints } = how;
  const source = await openTrace(trace, { lenient, events_max });
  let blocks = 0;
  const options = { profile, lenient, events_max, stop_after_seq: at, on_progress: () => blocks++ };
  const run: Analysis =
    checkpoints === undefined
      ? await analyse(source, options)
      : await analyseFromCheckpoint(source, options, checkpoints);
  const { machine, events, last_seq } = run;
  return { events, last_seq, hash: stateHash(machine), skipped: [...source.skipped], blocks };
}

/** A cache in which every checkpoint that fits is stored, whatever it costs. */
function cache(more: Partial<CheckpointOptions> = {}): CheckpointOptions {
  let now = 0;
  return {
    folder: join(folderOf(), "checkpoints"),
    program: () => "this",
    now_ms: () => now++,
    trace_bytes_min: 0,
    time_share: 1e9,
    on_failure: (error) => {
      throw error;
    },
    ...more,
  };
}

const seqIn = (name: string): number => Number(/(\d+)-\d+\.checkpoint$/.exec(name)?.[1]);

/** The stored files, in the order of the trace. */
function storedIn({ folder }: CheckpointOptions): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.includes("/")).sort((a, b) => seqIn(a) - seqIn(b));
}

const sizeOf = (options: CheckpointOptions): number =>
  storedIn(options).reduce((sum, name) => sum + statSync(join(options.folder, name)).size, 0);

const result = ({ blocks: _blocks, ...rest }: Pass) => rest;

async function expectSame(trace: string, how: How): Promise<void> {
  const { checkpoints: _checkpoints, ...plain } = how;
  expect(result(await pass(trace, how))).toEqual(result(await pass(trace, plain)));
}

/** Stores checkpoints, then compares what they lead to with whole passes, for any event. */
async function expectSameAnywhere(trace: string, how: How = {}, runs = 15): Promise<void> {
  const checkpoints = cache();
  await expectSame(trace, { ...how, checkpoints });
  expect(storedIn(checkpoints).length).toBeGreaterThan(4);
  const anyEvent = fc.integer({ min: 0, max: last + 10 });
  await fc.assert(
    fc.asyncProperty(anyEvent, async (at) => expectSame(trace, { ...how, at, checkpoints })),
    { numRuns: runs },
  );
}

describe("an analysis from a checkpoint", { timeout: 300 * SECONDS_MS }, () => {
  test("is the same as a whole one, and much shorter", async () => {
    await expectSameAnywhere(path, {}, 30);
    const checkpoints = cache();
    const whole = await pass(path, { checkpoints });
    const again = await pass(path, { checkpoints, at: last });
    expect(again.hash).toBe(whole.hash);
    expect(whole.blocks).toBeGreaterThan(8);
    expect(again.blocks).toBeLessThan(whole.blocks / 4);
  });

  test("right at a checkpoint, right before it and right behind it", async () => {
    const checkpoints = cache();
    await pass(path, { checkpoints });
    for (const name of storedIn(checkpoints)) {
      const seq = seqIn(name);
      for (const at of [seq - 1, seq, seq + 1]) await expectSame(path, { at, checkpoints });
    }
  });

  test("of a part of the trace; a later one goes on from there and stores the rest", async () => {
    const checkpoints = cache();
    await expectSame(path, { at: last >> 1, checkpoints });
    const some = storedIn(checkpoints);
    expect(some.length).toBeGreaterThan(2);
    const rest = await pass(path, { checkpoints });
    expect(rest.blocks).toBeLessThan((await pass(path)).blocks * 0.7);
    expect(storedIn(checkpoints).length).toBeGreaterThan(some.length);
    expect(storedIn(checkpoints)).toEqual(expect.arrayContaining(some));
    await expectSame(path, { checkpoints });
  });

  test("of a compressed trace", async () => {
    await expectSameAnywhere(fileOf(gzipSync(readFileSync(path), { level: 0 }), "large.ndjson.gz"));
  });

  test("of a trace with a byte order mark and carriage returns", async () => {
    await expectSameAnywhere(fileOf(`\ufeff${lines.join("\r\n")}\r\n`), {}, 5);
  });

  test("of a trace with lines that lenient reading leaves out", async () => {
    const strange = lines.flatMap((line, index) =>
      index % 50 === 7 ? [line, `{"seq":${index},"type":"strange${index % 3}"}`] : [line],
    );
    await expectSameAnywhere(fileOf(strange.join("\n")), { lenient: true });
  });

  test("ends in the same error, at the same line", async () => {
    const broken = fileOf([...lines.slice(0, -5), "{", ...lines.slice(-5)].join("\n"));
    const checkpoints = cache();
    const expected = await errorOf(pass(broken));
    expect(expected.message).toContain(`, line ${lines.length - 4}: `);
    for (let time = 0; time < 2; time++) {
      expect((await errorOf(pass(broken, { checkpoints }))).message).toBe(expected.message);
    }
    expect(storedIn(checkpoints).length).toBeGreaterThan(4);
    await expectSame(broken, { at: last - 100, checkpoints });
  });
});

describe("a checkpoint counts only for what it was made of", { timeout: 60 * SECONDS_MS }, () => {
  const at = EVENTS >> 1;

  /** How many blocks a second pass takes, with other checkpoints than the first. */
  async function blocksOfSecond(first: How, second: How, between = () => {}, trace = path) {
    await pass(trace, first);
    between();
    await expectSame(trace, { ...second, at });
    return (await pass(trace, { ...second, at })).blocks;
  }

  test("the same program", async () => {
    const checkpoints = cache();
    const other = { ...checkpoints, program: () => "other" };
    expect(await blocksOfSecond({ checkpoints }, { checkpoints })).toBeLessThan(3);
    await expectSame(path, { checkpoints: other, at });
    expect(readdirSync(checkpoints.folder)).toHaveLength(2);
  });

  test("the same way of reading", async () => {
    const checkpoints = cache();
    await pass(path, { checkpoints });
    await expectSame(path, { checkpoints, lenient: true, at });
    expect(readdirSync(checkpoints.folder)).toHaveLength(2);
  });

  test("the same file, as it was", async () => {
    const trace = fileOf(readFileSync(path));
    const checkpoints = cache();
    await pass(trace, { checkpoints });
    const times: readonly (() => void)[] = [
      () => appendFileSync(trace, `{"seq":${last + 1},"type":"note","text":"more"}\n`),
      // The same size and the same time of modification.
      () => {
        const text = readFileSync(trace, "utf8");
        writeFileSync(trace, text.replace('"text":"more"', '"text":"less"'));
        utimesSync(trace, 1, 1);
      },
      () => utimesSync(trace, 1, 1),
    ];
    for (const [index, change] of times.entries()) {
      change();
      await expectSame(trace, { checkpoints });
      expect(readdirSync(checkpoints.folder)).toHaveLength(index + 2);
    }
  });

  test("a file that changes during the pass", async () => {
    const trace = fileOf(readFileSync(path));
    const checkpoints = cache();
    const source = await openTrace(trace);
    let changed = false;
    const on_progress = () => {
      if (!changed) appendFileSync(trace, "\n");
      changed = true;
    };
    await errorOf(
      analyseFromCheckpoint(source, { profile, lenient: false, on_progress }, checkpoints),
    );
    expect(storedIn(checkpoints)).toEqual([]);
  });

  test("a file that is whole", async () => {
    const checkpoints = cache();
    await pass(path, { checkpoints });
    const [first = "", second = ""] = storedIn(checkpoints);
    const file = join(checkpoints.folder, first);
    const bytes = readFileSync(file);
    for (const damage of [
      bytes.subarray(0, 40),
      Buffer.alloc(0),
      Buffer.from(bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 1 : byte))),
    ]) {
      writeFileSync(file, damage);
      await expectSame(path, { at: seqIn(second) - 1, checkpoints });
      expect(existsSync(file)).toBe(false);
    }
  });
});

describe("nothing is stored", { timeout: 60 * SECONDS_MS }, () => {
  async function storesNothing(trace: string, how: How, more: Partial<CheckpointOptions> = {}) {
    const checkpoints = cache(more);
    mkdirSync(checkpoints.folder, { recursive: true });
    await pass(trace, { ...how, checkpoints });
    expect(storedIn(checkpoints)).toEqual([]);
  }

  test("of a small trace", () =>
    storesNothing(fileOf(lines.slice(0, 20_000).join("\n")), {}, { trace_bytes_min: undefined }));

  test("where a limit was asked for", () => storesNothing(path, { events_max: EVENTS }));

  test("of a capture", async () => {
    const captures = join(import.meta.dirname, "../../../traces/captures");
    const names = readdirSync(captures, { recursive: true, encoding: "utf8" });
    const capture = names.find((name) => /\.ndjson(\.gz)?$/.test(name)) ?? "";
    await storesNothing(join(captures, capture), {});
  });

  test("where it would take too much of the time", async () => {
    let now = 0;
    const now_ms = () => {
      now += 10;
      return now;
    };
    await storesNothing(path, {}, { now_ms, time_share: 0.0001 });
  });

  test("where there is no room, and that is told", async () => {
    const blocked = fileOf("a file in place of a folder");
    const failures: unknown[] = [];
    const on_failure = (error: unknown) => {
      failures.push(error);
    };
    const checkpoints = cache({ folder: join(blocked, "checkpoints"), on_failure });
    await expectSame(path, { checkpoints });
    expect(failures).toMatchObject([{ code: "ENOTDIR" }]);
  });
});

describe("the room that checkpoints take", { timeout: 60 * SECONDS_MS }, () => {
  test("of one trace is bounded: there are fewer", async () => {
    const all = cache();
    await pass(path, { checkpoints: all });
    const size_bytes_max = sizeOf(all);
    const few = cache({ size_bytes_max });
    await pass(path, { checkpoints: few });
    expect(sizeOf(few)).toBeLessThan(size_bytes_max / 2);
    expect(storedIn(few).length).toBeGreaterThan(0);
  });

  test("of all traces is bounded: those go that were not used for longest", async () => {
    const checkpoints = cache();
    await pass(path, { checkpoints });
    const [old = ""] = readdirSync(checkpoints.folder);
    utimesSync(join(checkpoints.folder, old), 1, 1);
    const copy = fileOf(readFileSync(path));
    await pass(copy, { checkpoints: { ...checkpoints, size_bytes_max: 1 } });
    expect(readdirSync(checkpoints.folder)).not.toContain(old);
    expect(readdirSync(checkpoints.folder)).toHaveLength(1);
  });
});
