/** A class or a private field that is forgotten would be state that a checkpoint loses. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STORED_CLASSES } from "../../../src/replay/checkpoint/classes.js";

const ENGINE = join(import.meta.dirname, "../../../src/engine");

/** Their instances are gone when an event has been applied, or never get into a machine. */
const TRANSIENT = new Set([
  "AssertionError",
  "AttachPlan",
  "Call",
  "Fnv1a64",
  "IoctlCall",
  "PinBudget",
  "PlainTransfer",
  "RoutineCall",
]);

interface Source {
  readonly file: string;
  readonly text: string;
}

function sources(): Source[] {
  return readdirSync(ENGINE, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(ENGINE, file), "utf8") }));
}

test("every class of the engine is stored, or lives only during a call", () => {
  const classes = sources().flatMap(({ text }) =>
    [...text.matchAll(/^(?:export )?class (\w+)/gm)].map(([, name = ""]) => name),
  );
  expect(classes.length).toBeGreaterThan(50);
  const missing = classes.filter((name) => !STORED_CLASSES.has(name) && !TRANSIENT.has(name));
  expect(missing, "add them to src/replay/checkpoint/classes.ts").toEqual([]);
  const known = new Set(classes);
  expect([...STORED_CLASSES.keys()].filter((name) => !known.has(name))).toEqual([]);
});

test("names of stored classes are their own", () => {
  for (const [name, { prototype }] of STORED_CLASSES) {
    expect((prototype as { constructor: { name: string } }).constructor.name).toBe(name);
  }
});

test("no state of the engine hides where nobody can read it", () => {
  const hidden = sources().filter(
    ({ file, text }) => !file.startsWith("call/") && /^\s+[\w *]*#\w+/m.test(text),
  );
  const files = hidden.map(({ file }) => file);
  expect(files, "write `private name` in place of `#name`: checkpoints read it").toEqual([]);
});
