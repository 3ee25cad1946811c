/** What was predicted once stays predicted; the page about it says what the tables say. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  captureNames,
  losses,
  readFigures,
  replayCapture,
} from "../../scripts/conformance/figures.js";
import { PAGE, pageText } from "../../scripts/conformance/page.js";
import { ADOPTED_OUTPUTS } from "../../src/engine/calls/claims.js";
import { operations } from "../../src/report/operations.js";

const FIGURES = readFigures();

describe("replayed captures", () => {
  test("every capture is on record", () => {
    expect(Object.keys(FIGURES)).toEqual(captureNames());
  });

  test("nothing on record diverged or was not modelled", () => {
    const imperfect = Object.entries(FIGURES).filter(
      ([, { diverged, unmodelled }]) => diverged > 0 || unmodelled > 0,
    );
    expect(imperfect).toEqual([]);
  });

  test.each(Object.entries(FIGURES))("%s", async (name, before) => {
    expect(losses(name, before, await replayCapture(name))).toEqual([]);
  });
});

describe("outputs taken from the trace", () => {
  const reasons = new Map<string, Readonly<Record<string, string>>>(
    Object.entries(ADOPTED_OUTPUTS),
  );
  for (const { op, adopts } of operations()) reasons.set(op, { ...reasons.get(op), ...adopts });

  test("each has a reason in the tables", () => {
    const taken = Object.values(FIGURES).flatMap(({ adopted }) => Object.keys(adopted));
    const without = taken.filter((name) => {
      const [op = "", field = ""] = name.split(".");
      return reasons.get(op)?.[field] === undefined;
    });
    expect([...new Set(without)]).toEqual([]);
  });
});

describe("docs/conformance.md", () => {
  test("is in step with figures and operation tables (npm run conformance writes it)", () => {
    expect(readFileSync(PAGE, "utf8")).toBe(pageText(FIGURES));
  });
});
