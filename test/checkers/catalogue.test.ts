/** A rule is four things with one name. What its page says must be what its code says. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FAMILIES } from "../../src/checkers/finding.js";
import { ALL_PROFILES, type Rule } from "../../src/checkers/rule.js";
import { RULES } from "../../src/checkers/rules/index.js";
import { readDoc } from "../support/rule-test.js";

const ROOT = join(import.meta.dirname, "..", "..");
const SECTIONS = ["Why it matters", "Not a violation", "Example", "What to do", "Source"];

/** Severities a rule can give, the default first. */
function severitiesOf(rule: Rule): string {
  const special = Object.values(rule.messages).flatMap((spec) =>
    typeof spec === "string" ? [] : [spec.severity],
  );
  const uses = Object.values(rule.messages).some((spec) => typeof spec === "string");
  const inProfiles = Object.entries(rule.severity_in ?? {}).map(([id, s]) => `${s} in ${id}`);
  const plain = uses ? [rule.severity, ...special] : special;
  return [...new Set(plain), ...inProfiles].join(", ");
}

function profilesOf(rule: Rule): string {
  return rule.profiles.length === ALL_PROFILES.length ? "all" : rule.profiles.join(", ");
}

describe("the list", () => {
  test("is sorted and has each rule once", () => {
    const ids = RULES.map((rule) => rule.id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  test("holds every rule that has a file", () => {
    const files = readdirSync(join(ROOT, "src", "checkers", "rules"))
      .filter((name) => name !== "index.ts")
      .map((name) => name.replace(/\.ts$/, ""));
    expect(RULES.map((rule) => rule.id)).toEqual(files.sort());
  });

  test("has an index among the pages", async () => {
    const rows = RULES.map(
      (rule) => `| [${rule.id}](${rule.id}.md) | ${severitiesOf(rule)} | ${rule.summary} |`,
    );
    const head = ["| rule | severity | what holds |", "|---|---|---|"];
    const seed = "Sources that name A1 to A8 of the seed mail: [its points](../seed-points.md).";
    const text = `# Rules\n\n${seed}\n\n${[...head, ...rows].join("\n")}\n`;
    await expect(text).toMatchFileSnapshot(join(ROOT, "docs", "rules", "README.md"));
  });

  test("no page is left over", () => {
    const pages = readdirSync(join(ROOT, "docs", "rules")).map((name) => name.replace(".md", ""));
    const ids = new Set(RULES.map((rule) => rule.id));
    expect(pages.filter((page) => page !== "README" && !ids.has(page))).toEqual([]);
  });
});

describe.for(RULES.map((rule) => [rule.id, rule] as const))("%s", ([id, rule]) => {
  test("is named after its family", () => {
    const prefix = id.split("-")[0] as keyof typeof FAMILIES;
    expect(rule.family).toBe(FAMILIES[prefix]);
  });

  test("states its default severity once", () => {
    for (const spec of Object.values(rule.messages)) {
      if (typeof spec === "object") expect(spec.severity).not.toBe(rule.severity);
    }
  });

  test("has a test and two traces", () => {
    const paths = [
      join("test", "checkers", "rules", `${id}.test.ts`),
      join("traces", "rules", id, "fires.ndjson"),
      join("traces", "rules", id, "silent.ndjson"),
    ];
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has a page that says what the code says", () => {
    const page = readDoc(id);
    expect(page).toMatch(new RegExp(`^# ${id}\n\n`));
    expect(page).toContain(`\n\n${rule.summary}\n\n`);
    expect(page).toContain(`| ${rule.family} | ${severitiesOf(rule)} | ${profilesOf(rule)} |`);
    const sections = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(sections).toEqual(SECTIONS);
    const source = page.slice(page.indexOf("## Source"));
    expect([...source.matchAll(/^- (.+)$/gm)].map((match) => match[1])).toEqual(rule.sources);
  });
});
