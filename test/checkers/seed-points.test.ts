/**
 * docs/seed-points.md: where each point of the mail that the model `seed` comes from is checked,
 * with a page and a trace to look at. The rules say themselves which points they stand for.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../src/checkers/rule.js";
import { RULES } from "../../src/checkers/rules/index.js";
import { SCENARIOS, scenarioName } from "../../src/replay/scenario/catalogue/index.js";

const ROOT = join(import.meta.dirname, "..", "..");

interface Point {
  /** What the mail settled, in our words. */
  readonly says: string;
  /** What a trace that breaks it looks like. */
  readonly broken: string;
  /** Scenarios told under `seed` that show it kept or broken. */
  readonly scenarios: readonly string[];
}

const POINTS: Readonly<Record<string, Point>> = {
  A1: {
    says:
      "A restored domain stays until user space has fetched the iommufd, owns the domain and " +
      "frees it. FINISH plays no part in that.",
    broken: "DMA that translated stops after a FINISH, and nobody had claimed the domain.",
    scenarios: ["S01-one-vm-one-device", "S45-iommufd-closed-device-bound"],
  },
  A2: {
    says:
      "The kernel does not clean up by itself. To take a device out of live update, user space " +
      "fetches the iommufd, closes it, and then binds an ordinary driver.",
    broken: "A session is left to lie; or a driver of the kernel gets a device that is not freed.",
    scenarios: ["S22-session-never-retrieved", "S57-kernel-driver-accepted"],
  },
  A3: {
    says:
      "When a VMM dies in the middle of its restore, a reaper gets the session's descriptor, " +
      "cleans up what is in it and closes it. When all is lost the node reboots.",
    broken: "Nobody else holds the session; or the reaper comes too early, or leaves too much.",
    scenarios: ["S33-crash-after-memory", "S36-crash-after-restore", "S42-reaper-incomplete"],
  },
  A4: {
    says:
      "The kernel makes the HWPT of a restored domain inside the iommufd when its device comes; " +
      "the restore call only tells its id.",
    broken: "A token is answered with the id of another HWPT, or an id of the old kernel is used.",
    scenarios: ["S01-one-vm-one-device", "S58-object-ids-taken-for-stable"],
  },
  A5: {
    says:
      "The restored domain is immutable for ever: nothing is mapped into it or unmapped " +
      "from it.",
    broken:
      "A map that names its HWPT succeeds; or the device reaches what the table does not map.",
    scenarios: ["S46-map-on-restored-hwpt", "S46-map-on-restored-hwpt-takes-effect"],
  },
  A6: {
    says:
      "The domain is attached at early boot, which changes nothing for the hardware, and becomes " +
      "a HWPT when the iommufd is restored.",
    broken: "The first DMA in the new kernel faults, or lands on another page.",
    scenarios: ["S01-one-vm-one-device", "S03-two-devices-one-hwpt"],
  },
  A7: {
    says:
      "All that can be done with the handle is to destroy it after it was replaced. It also goes " +
      "when the iommufd is closed without a replacement.",
    broken: "It is destroyed too early, never, or used for another device or a second time.",
    scenarios: [
      "S03-destroy-between-two-replacements",
      "S78-back-to-restored-refused",
      "S84-restored-hwpt-never-destroyed",
    ],
  },
  A8: {
    says:
      "FINISH stays light: it does not touch domains. How memory that a domain still uses is " +
      "kept until then was left to another thread.",
    broken: "An attachment, or a translation, changes while FINISH runs.",
    scenarios: ["S01-one-vm-one-device", "S48-finish-before-replace-accepted"],
  },
};

/** The points a rule names as its source. */
function pointsOf(rule: Rule): string[] {
  const named = rule.sources.filter((source) => source.startsWith("the seed mail, "));
  return named.flatMap((source) => source.match(/\bA[1-8]\b/g) ?? []);
}

function rulesOf(point: string): Rule[] {
  return RULES.filter((rule) => pointsOf(rule).includes(point));
}

function folderOf(rule: Rule): string {
  return join("traces", "rules", rule.id);
}

/** The trace of a scenario under the profile seed. */
function storyOf(name: string): string {
  return join("traces", "scenarios", `${name}.seed.ndjson`);
}

function section(point: string, { says, broken, scenarios }: Point): string {
  const rows = rulesOf(point).map((rule) => {
    const page = `[${rule.id}](rules/${rule.id}.md)`;
    const folder = `../${folderOf(rule)}`;
    const traces = `[fires](${folder}/fires.ndjson), [silent](${folder}/silent.ndjson)`;
    return `| ${page} | ${rule.summary} | ${traces} |`;
  });
  const told = scenarios.map((name) => `[${name}](../${storyOf(name)})`).join(", ");
  return [
    `## ${point}`,
    says,
    `Broken: ${broken}`,
    ["| rule | what it checks | traces |", "|---|---|---|", ...rows].join("\n"),
    `Told as a story: ${told}`,
  ].join("\n\n");
}

const INTRO = `# The points of the seed mail

The profile \`seed\` is the model that Samiullah Khawaja and Jason Gunthorpe agreed on in "Re: [RFC
PATCH 13/15] iommufd: Persist iommu domains for live update" on 2 October 2025. It settled eight
points; sources of rules call them A1 to A8. Here is where each is checked. This page is made from
the rules, and a test keeps it in step.`;

test("docs/seed-points.md shows the rules, pages and traces of each point", async () => {
  const sections = Object.entries(POINTS).map(([point, facts]) => section(point, facts));
  const text = `${[INTRO, ...sections].join("\n\n")}\n`;
  await expect(text).toMatchFileSnapshot(join(ROOT, "docs", "seed-points.md"));
});

test("every rule that names the mail names a point of it", () => {
  const vague = RULES.filter(({ sources }) => sources.some((s) => s.startsWith("the seed mail")));
  expect(vague.filter((rule) => pointsOf(rule).length === 0).map(({ id }) => id)).toEqual([
    "own-foreign-bind-preserved-device",
  ]);
});

describe.each(Object.entries(POINTS))("%s", (point, { scenarios }) => {
  test("is checked by a rule of the profile seed, with its page and its traces", () => {
    const rules = rulesOf(point);
    expect(rules.some(({ profiles }) => profiles.includes("seed"))).toBe(true);
    const paths = rules.flatMap((rule) => [
      join("docs", "rules", `${rule.id}.md`),
      join(folderOf(rule), "fires.ndjson"),
      join(folderOf(rule), "silent.ndjson"),
    ]);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has a firing trace in which the rule is expected", () => {
    for (const rule of rulesOf(point)) {
      const path = join(ROOT, folderOf(rule), "fires.expect.json");
      const { findings } = JSON.parse(readFileSync(path, "utf8")) as {
        findings: { rule: string }[];
      };
      expect(findings.map((finding) => finding.rule)).toContain(rule.id);
    }
  });

  test("is told under seed", () => {
    const known = SCENARIOS.filter(({ profiles }) => profiles.includes("seed"));
    const names = new Set(known.map(scenarioName));
    expect(scenarios.filter((name) => !names.has(name))).toEqual([]);
    expect(scenarios.filter((name) => !existsSync(join(ROOT, storyOf(name))))).toEqual([]);
  });
});
