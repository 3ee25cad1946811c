/** The fast way of reading a line gives what the slow way gives, or leaves the line to it. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { fastEvent } from "../../src/replay/decode-fast.js";
import { show } from "../../src/replay/decode-fast-scalars.js";
import { eventLine } from "../../src/replay/encode.js";
import { openTrace } from "../../src/replay/source.js";
import { PLAIN_EVENT_ARBITRARIES } from "./arbitrary-event.js";

/** The event of a whole line, read the fast way. */
function fast(line: string | Buffer): Event | undefined {
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from("\n")]);
  const cursor = { bytes, at: 0 };
  show(cursor, bytes);
  const event = fastEvent(cursor);
  return cursor.at === bytes.length - 1 ? event : undefined;
}

function slow(line: string | Buffer): Event | Error | undefined {
  try {
    return decodeEvent(parseObject(line.toString("utf8")));
  } catch (error) {
    return error as Error;
  }
}

const anyLine = fc
  .constantFrom(...PLAIN_EVENT_ARBITRARIES.values())
  .chain((arbitrary) => arbitrary)
  .map(eventLine);

describe("the fast way", () => {
  test("gives the events of written lines", () => {
    let taken = 0;
    let lines = 0;
    fc.assert(
      fc.property(anyLine, (line) => {
        const event = fast(line);
        lines++;
        if (event === undefined) return;
        taken++;
        expect(event).toStrictEqual(slow(line));
      }),
      { numRuns: 5000 },
    );
    expect(taken / lines).toBeGreaterThan(0.3);
  });

  test("never takes a line that the slow way refuses or reads otherwise", () => {
    const bytes = fc.oneof(
      fc.nat(255),
      fc.constantFrom(...[...'{}[]",:0123456789-+.eE\\ntfx '].map((text) => text.charCodeAt(0))),
    );
    const edits = fc.array(fc.tuple(fc.nat(400), fc.constantFrom("set", "cut", "add"), bytes), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(anyLine, edits, (line, changes) => {
        let changed = Buffer.from(line);
        for (const [position, how, byte] of changes) {
          const at = position % changed.length;
          const rest = changed.subarray(how === "add" ? at : at + 1);
          const middle = how === "cut" ? [] : [Uint8Array.of(byte)];
          changed = Buffer.concat([changed.subarray(0, at), ...middle, rest]);
        }
        const event = fast(changed);
        if (event !== undefined) expect(event).toStrictEqual(slow(changed));
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    '{"seq":1,"type":"close","pid":7,"fd":3}',
    '{"seq":1,"type":"note","text":""}',
    '{"seq":1,"type":"lseek","pid":7,"fd":3,"offset":-5,"whence":0,"ret":-1,"errno":"EINVAL"}',
  ])("takes %s", (line) => {
    expect(fast(line)).toStrictEqual(slow(line));
  });

  test.each([
    ["another order of keys", '{"type":"close","seq":1,"pid":7,"fd":3}'],
    ["blanks", '{"seq": 1,"type":"close","pid":7,"fd":3}'],
    ["an escape", '{"seq":1,"type":"note","text":"a\\nb"}'],
    ["text that is not ASCII", '{"seq":1,"type":"note","text":"é"}'],
    ["a fraction", '{"seq":1,"type":"close","pid":7,"fd":3.0}'],
    ["an exponent", '{"seq":1,"type":"close","pid":7,"fd":3e0}'],
    ["minus zero", '{"seq":1,"type":"close","pid":7,"fd":-0}'],
    ["a leading zero", '{"seq":1,"type":"close","pid":7,"fd":03}'],
    ["a number that is too large", '{"seq":1,"type":"close","pid":7,"fd":2147483648}'],
    ["a missing key", '{"seq":1,"type":"close","pid":7}'],
    ["an unknown key", '{"seq":1,"type":"close","pid":7,"fd":3,"x":1}'],
    ["a key twice", '{"seq":1,"type":"close","pid":7,"pid":8,"fd":3}'],
    ["no comma", '{"seq":1,"type":"close","pid":7"fd":3}'],
    ["a brace too early", '{"seq":1,"type":"close","pid":7}"fd":3}'],
    ["no end", '{"seq":1,"type":"close","pid":7,"fd":3'],
    ["a comma at the end", '{"seq":1,"type":"close","pid":7,"fd":3,}'],
    ["hex in upper case", '{"seq":1,"type":"cpu_write","pid":7,"length_bytes":1,"data":"AB"}'],
    ["a type of Object", '{"seq":1,"type":"constructor"}'],
  ])("leaves %s to the slow way", (_, line) => {
    expect(fast(line)).toBeUndefined();
  });
});

const CAPTURES = join(import.meta.dirname, "..", "fixtures", "captures");

describe("captures, imported and written", () => {
  test.each(readdirSync(CAPTURES).filter((name) => name.endsWith(".ndjson.gz")))(
    "%s: every line of plain text",
    async (name) => {
      const source = await openTrace(join(CAPTURES, name));
      let left = 0;
      let lines = 0;
      for await (const event of source.events()) {
        const line = eventLine(event);
        const taken = fast(line);
        if (event.type === "note") continue;
        lines++;
        if (taken === undefined) left++;
        else expect(taken).toStrictEqual(event);
      }
      expect(left / lines).toBeLessThan(0.05);
    },
  );
});
