import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import type { Finding } from "../../src/checkers/finding.js";
import { openTrace } from "../../src/replay/source.js";
import { checkTrace } from "../../src/report/check-trace.js";

const SCENARIOS = join(import.meta.dirname, "..", "..", "traces", "scenarios");
const FOLDER = mkdtempSync(join(inject("temporary_folder"), "late-"));

/** What the kernel destroyed was in use, whether the trace shows that it was preserved or not. */
const TRUE_ALL_THE_SAME = new Set(["api-destroy-in-use"]);

async function errorsOf(lines: readonly string[]): Promise<readonly Finding[]> {
  const path = join(FOLDER, "late.ndjson");
  writeFileSync(path, `${lines.join("\n")}\n`);
  const { trace } = await checkTrace(await openTrace(path));
  return trace.findings.filter(({ severity }) => severity === "error");
}

/** Facts of the machine, which a recorder writes whenever it starts. */
function isFact(line: string): boolean {
  const { type } = JSON.parse(line) as { readonly type?: string };
  return type === "machine" || type === "boot";
}

test.each(["seed", "p2"])(
  "a recorder that starts late makes no error of what it missed: %s",
  async (profile) => {
    const made: string[] = [];
    for (const name of readdirSync(SCENARIOS).filter((file) =>
      file.endsWith(`.${profile}.ndjson`),
    )) {
      const text = readFileSync(join(SCENARIOS, name), "utf8").trimEnd();
      const [header = "", ...events] = text.split("\n");
      const whole = new Set(
        (await errorsOf([header, ...events])).map(({ rule, seq }) => `${rule} ${seq}`),
      );
      for (let start = 2; start < events.length; start += 3) {
        const late = events.filter((line, at) => at >= start || isFact(line));
        for (const { rule, family, seq } of await errorsOf([header, ...late])) {
          // That descriptors come out of nowhere is true.
          if (family === "trace" || TRUE_ALL_THE_SAME.has(rule)) continue;
          if (!whole.has(`${rule} ${seq}`)) made.push(`${name} from ${start}: ${rule} at #${seq}`);
        }
      }
    }
    expect(made).toEqual([]);
  },
  120_000,
);
