/** What is written is what is read: event by event, for every type and operation, bit by bit. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { eventLine } from "../../src/replay/encode.js";
import { openTrace } from "../../src/replay/source.js";
import { EVENT_ARBITRARIES } from "./arbitrary-event.js";

const read = (line: string): Event | undefined => decodeEvent(parseObject(line));

describe("write, then read", () => {
  test.each([...EVENT_ARBITRARIES.keys()])("%s", (name) => {
    const arbitrary = EVENT_ARBITRARIES.get(name);
    if (arbitrary === undefined) throw new Error("no arbitrary");
    fc.assert(
      fc.property(arbitrary, (event) => {
        const line = eventLine(event);
        const back = read(line);
        expect(back).toStrictEqual(event);
        expect(line).not.toContain("\n");
      }),
      { numRuns: 40 },
    );
  });
});

const CAPTURES = join(import.meta.dirname, "..", "fixtures", "captures");

describe("import, write, read", () => {
  test.each(readdirSync(CAPTURES).filter((name) => name.endsWith(".ndjson.gz")))(
    "%s",
    async (name) => {
      const source = await openTrace(join(CAPTURES, name));
      let seq = -1;
      for await (const event of source.events()) {
        expect(event.seq).toBeGreaterThan(seq);
        seq = event.seq;
        const line = eventLine(event);
        const back = read(line);
        expect(back).toStrictEqual(event);
        if (back !== undefined) expect(eventLine(back)).toBe(line);
      }
      expect(seq).toBeGreaterThan(0);
    },
  );
});
