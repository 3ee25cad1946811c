/** Input that somebody damaged, or made to do damage: reading ends in events or a clear error. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { eventLine } from "../../src/replay/encode.js";
import { LimitError } from "../../src/replay/limit-error.js";
import { TraceError } from "../../src/replay/trace-error.js";
import { readPiped } from "./trace-file.js";

const FIXTURES = join(import.meta.dirname, "..", "fixtures", "captures");
const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(join(FIXTURES, `${name}.ndjson.gz`)))
    .toString()
    .trimEnd()
    .split("\n");

const RECORDED = [
  "fdpass",
  "luo_kexec_simple",
  "p2p_edu_p2p",
  "rfc2_selftest",
  "kexec_test",
].flatMap(linesOf);

/** The events, or undefined for a clear error; any other error fails the test. */
async function read(contents: string | Uint8Array): Promise<readonly Event[] | undefined> {
  try {
    return (await readPiped([contents], { qemu_log: false })).events;
  } catch (error) {
    if (error instanceof TraceError || error instanceof LimitError) return undefined;
    throw error;
  }
}

const HOSTILE: readonly unknown[] = [
  -1,
  0,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e300,
  "",
  "0x0",
  "0xffffffffffffffff",
  "0x10000000000000000",
  "-0x1",
  "__proto__",
  "\u0000\u001b[2J\u202e\ud800",
  "x".repeat(10_000),
  null,
  true,
  [],
  [null],
  {},
  { __proto__: null, toString: 1 },
];

/** Replaces one value somewhere in a line, at any depth. */
function damaged(line: string, which: number, value: unknown): string {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    return line;
  }
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const walk = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const [key, inner] of Object.entries(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      walk(inner);
    }
  };
  walk(object);
  const [holder, key] = places[which % places.length] ?? [{}, ""];
  holder[key] = value;
  return JSON.stringify(object);
}

describe("a capture with one hostile value", () => {
  test("gives events of the format, or an error", async () => {
    const damage = fc.tuple(
      fc.constantFrom(...RECORDED),
      fc.nat(1000),
      fc.constantFrom(...HOSTILE),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const lines = damages.map(([line, which, value]) => damaged(line, which, value));
        const events = await read(`${RECORDED[5]}\n${lines.join("\n")}\n`);
        for (const event of events ?? []) {
          expect(decodeEvent(parseObject(eventLine(event)))).toStrictEqual(event);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("any bytes", () => {
  test("random bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await read(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test("random bytes behind a header or a gzip magic", async () => {
    const head = fc.constantFrom([0x1f, 0x8b], [...Buffer.from('{"lutrace":1}\n')]);
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 300 }), async (start, bytes) => {
        await read(Uint8Array.of(...start, ...bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test("a capture with random bytes in it", async () => {
    const whole = Buffer.from(`${RECORDED.slice(0, 40).join("\n")}\n`);
    const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of edits) bytes[at] = byte;
        await read(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("names of Object.prototype stay what they are", async () => {
    for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
      const pollution = `"${name}":{"polluted":true}`;
      await read(`{"lutrace":1}\n{"seq":1,"type":"note","text":"x",${pollution}}\n`);
      await read(
        `{"ev":"${name}","seq":1}\n{"ev":"note","msg":"x","seq":2,"${name}":{"polluted":1}}\n`,
      );
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
