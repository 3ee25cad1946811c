/** `lutrace profiles`: all of them, one in full, how several differ. */

import { describe, expect, test } from "vitest";
import type { Rule } from "../../src/checkers/rule.js";
import { ALL_PROFILES } from "../../src/checkers/rule.js";
import { RULES } from "../../src/checkers/rules/index.js";
import { FACTS, sayFact } from "../../src/engine/profile/facts.js";
import { PROFILES } from "../../src/engine/profile/index.js";
import { type ProfileFacts, profileFacts } from "../../src/report/profiles/profile-facts.js";
import { lutrace } from "./run-lutrace.js";

const documentOf = async (...argv: string[]): Promise<ProfileFacts> =>
  (await lutrace(["profiles", ...argv, "--format", "json"])).json() as unknown as ProfileFacts;

function said(document: ProfileFacts, fact: string): Readonly<Record<string, string>> | undefined {
  return document.facts.find((one) => one.fact === fact)?.says;
}

describe("how two profiles differ", () => {
  test("what is accepted, what is frozen, what comes back, how FINISH behaves", async () => {
    const document = await documentOf("luo73", "p2");
    expect(said(document, "preserve.iommufd_and_vfio")).toEqual({
      luo73: "refused with ENOENT",
      p2: "accepted",
    });
    expect(said(document, "immutable.change_preserved_ioas")).toEqual({
      luo73: "does not arise: only memfds can be preserved",
      p2: "refused with EBUSY",
    });
    expect(said(document, "finish.with_live_domain")?.["p2"]).toBe("refused with EBUSY");
    expect(said(document, "requests.IOMMU_HWPT_LU_RESTORE")).toEqual({
      luo73: "no such command (ENOTTY)",
      p2: "0x3b97",
    });
  });

  test("what both say alike is left out", async () => {
    const document = await documentOf("p1v5", "p2");
    expect(said(document, "immutable.change_preserved_ioas")).toBeUndefined();
    expect(said(document, "restore.retrieve_iommufd")).toEqual({
      p1v5: "refused with EOPNOTSUPP",
      p2: "allowed",
    });
  });

  test("a value that cannot matter does not hide a difference", async () => {
    // Both have the same errno; only under p2 does anybody get that far.
    expect(PROFILES.p1v5.restore.restore_twice).toBe(PROFILES.p2.restore.restore_twice);
    const document = await documentOf("p1v5", "p2");
    expect(said(document, "restore.restore_twice")).toEqual({
      p1v5: "does not arise: no restored HWPT comes back",
      p2: "refused with ENOENT",
    });
  });

  test("rules that hold under one of them only, and rules that are milder", async () => {
    const { rules } = await documentOf("p1v1", "p1v5");
    expect(rules).toContainEqual({
      rule: "cmp-interrupts-enabled-at-freeze",
      severity: { p1v1: null, p1v5: "error" },
    });
    expect(rules).toContainEqual({
      rule: "imm-device-attachment-changed-after-preserve",
      severity: { p1v1: "warning", p1v5: "error" },
    });
    const { out } = await lutrace(["profiles", "p1v1", "p1v5"]);
    expect(out).toContain("hold only under p1v5");
    expect(out).toContain(
      "imm-device-attachment-changed-after-preserve: warning under p1v1, error under p1v5",
    );
  });

  test("every difference has its source", async () => {
    const { out } = await lutrace(["profiles", "rfc2", "p2"]);
    const { facts } = await documentOf("rfc2", "p2");
    expect(facts.length).toBeGreaterThan(10);
    expect(out.match(/^ {4}source: \S/gm)).toHaveLength(facts.length);
  });

  test("three are compared like two", async () => {
    const { out } = await lutrace(["profiles", "p1v1", "p1v5", "p2"]);
    expect(out).toContain("    p1v1, p1v5: refused with EOPNOTSUPP\n    p2: allowed\n");
  });
});

describe("one profile", () => {
  test("is shown with all facts and with the rules that hold", async () => {
    const document = await documentOf("seed");
    expect(document.facts).toHaveLength(FACTS.length);
    const rules = RULES.filter(({ profiles }) => profiles.includes("seed"));
    expect(document.rules.map(({ rule }) => rule)).toEqual(rules.map(({ id }) => id));
    const { out } = await lutrace(["profiles", "seed"]);
    expect(out).toContain("how a restored domain becomes a HWPT: by itself, when its device is");
    expect(out).toContain(`Rules that hold (${rules.length})`);
  });

  test("says what cannot happen under it, and why", async () => {
    const { out } = await lutrace(["profiles", "luo73"]);
    const voids = out.slice(out.indexOf("What does not arise"));
    expect(voids).toContain("because only memfds can be preserved:");
    expect(voids).toContain("    RETRIEVE_FD of an iommufd\n");
  });
});

describe("what cannot be compared", () => {
  test.each([
    [["p2", "p2"], "p2 does not differ from itself; lutrace profiles p2 shows it in full"],
    [["p1v5", "p3"], "unknown profile p3 (did you mean p2?); profiles are luo73, seed"],
    [["P2"], "unknown profile P2 (did you mean p2?)"],
  ])("%j", async (argv, message) => {
    const { status, out, err } = await lutrace(["profiles", ...argv]);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  test("profiles without a difference say so", () => {
    const everywhere: Rule[] = RULES.filter(
      ({ profiles }) => profiles.length === ALL_PROFILES.length,
    );
    expect(profileFacts(["p2", "p2"], everywhere)).toMatchObject({ facts: [], rules: [] });
  });
});

test("no fact is without words: none of them is shown by its bare value", () => {
  for (const { path } of FACTS) {
    for (const profile of Object.values(PROFILES)) {
      expect(sayFact(profile, path)).toMatch(
        /^(allowed|accepted|refused with [A-Z]+|0x[0-9a-f]+|[a-z]+ .*|never)$/,
      );
    }
  }
});
