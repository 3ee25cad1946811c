import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fillOutputs } from "../../scripts/readme/fill.js";
import { lutrace } from "../cli/run-lutrace.js";

const README = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");

test("the README shows what its commands print (npm run readme writes it)", async () => {
  const commands: string[] = [];
  const filled = await fillOutputs(README, async (argv) => {
    commands.push(argv.join(" "));
    return (await lutrace(argv)).out;
  });
  expect(commands.length).toBeGreaterThan(1);
  expect(filled).toBe(README);
});

test("a block whose output is out of date is made anew", async () => {
  const old = "<!-- lines: 1 -->\n```console\n$ npx lutrace rules\nold\n```\n";
  const made = await fillOutputs(old, async () => "new\nmore\n");
  expect(made).toBe("<!-- lines: 1 -->\n```console\n$ npx lutrace rules\nnew\n…\n```\n");
});
