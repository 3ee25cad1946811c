import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTrace } from "../../src/replay/source.js";
import { checkTrace } from "../../src/report/check-trace.js";

const FOLDER = join(import.meta.dirname, "..", "..", "traces", "scenarios");

/** Scenarios with two faults that do not explain each other. */
const TWO_FAULTS = /^X06-/;

test("a scenario has one fault, and all else that is found names what it comes from", async () => {
  const several: string[] = [];
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".ndjson"))) {
    if (TWO_FAULTS.test(name)) continue;
    const { trace } = await checkTrace(await openTrace(join(FOLDER, name)));
    const roots = trace.findings
      .filter(({ severity, caused_by = [] }) => severity !== "info" && caused_by.length === 0)
      .map(({ rule }) => rule);
    if (roots.length > 1) several.push(`${name}: ${roots.join(", ")}`);
  }
  expect(several).toEqual([]);
}, 120_000);

test("no two findings explain each other", async () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".ndjson"))) {
    const { trace } = await checkTrace(await openTrace(join(FOLDER, name)));
    const causes = new Map<string, readonly string[]>();
    for (const { fingerprint, caused_by = [] } of trace.findings) {
      causes.set(
        fingerprint,
        caused_by.map((cause) => cause.fingerprint),
      );
    }
    for (const start of causes.keys()) expect(leadsTo(start, start, causes)).toBe(false);
  }
}, 120_000);

function leadsTo(
  from: string,
  to: string,
  causes: ReadonlyMap<string, readonly string[]>,
  seen = new Set<string>(),
): boolean {
  for (const next of causes.get(from) ?? []) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    if (leadsTo(next, to, causes, seen)) return true;
  }
  return false;
}
