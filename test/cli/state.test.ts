import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import { nothingWrong, preservesTwice, StoryFolder } from "./story-file.js";

const folder = new StoryFolder();
let trace = "";

beforeAll(async () => {
  trace = await folder.write("twice.ndjson", preservesTwice);
});

afterAll(() => folder.remove());

describe("lutrace state", () => {
  test("shows what there is, named by what it is", async () => {
    const { status, out, err } = await lutrace(["state", trace]);
    expect(status).toBe(0);
    expect(err).toBe("");
    expect(out).toMatch(
      /^state after #\d+ \(\d+ events, profile luo73\)\nstate hash [0-9a-f]{64}\n/,
    );
    expect(out).toContain("session 1, title vm7, state out");
    expect(out).toMatch(/0x1 +preserved +memfd-v2 +file \d/);
    expect(out).toMatch(/memfd 1 +ram +memfd +0x1000 +SEAL\|SHRINK\|GROW/);
  });

  test("stops after the event it is told", async () => {
    const { json } = await lutrace(["state", "--format", "json", "--at", "#4", trace]);
    const { lastSeq, state } = json() as { lastSeq: number; state: Record<string, unknown> };
    expect(lastSeq).toBe(4);
    expect(state["sessions"]).toMatchObject([{ title: "vm7", files: [] }]);
    expect(state["memfds"]).toBeUndefined();
  });

  test("JSON is one document, with the hash of the state in it", async () => {
    const { json } = await lutrace(["state", "--format", "json", trace]);
    expect(json()).toMatchObject({ version: 1, path: trace, profile: "luo73" });
    const again = await lutrace(["state", "--format", "json", trace]);
    expect(again.json()).toEqual(json());
  });
});

describe("lutrace diff", () => {
  test("a trace is the same as itself", async () => {
    const { status, out } = await lutrace(["diff", trace, trace]);
    expect(status).toBe(0);
    expect(out).toContain("The states are the same.");
  });

  test("says in the user's words what differs", async () => {
    const { status, out } = await lutrace(["diff", trace, trace, "--at", "4"]);
    expect(status).toBe(1);
    expect(out).toContain('+ memfd "ram" only in B');
    expect(out).toContain('+ token 0x1 of session "vm7" only in B');
    expect(out).toMatch(/\n2 differences\n$/);
  });

  test("has the keys others rely on", async () => {
    const clean = await folder.write("clean.ndjson", nothingWrong);
    const { status, json } = await lutrace(["diff", "--format", "json", trace, clean]);
    expect(status).toBe(1);
    const { version, same, differences } = json() as Record<string, unknown>;
    expect([version, same]).toEqual([1, false]);
    for (const difference of differences as Record<string, unknown>[]) {
      for (const key of ["kind", "object", "field", "a", "b"])
        expect(difference).toHaveProperty(key);
    }
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: "session", object: 'session "vm7"', a: "present", b: null }),
    );
    expect((await lutrace(["diff", "--fail-on", "never", trace, clean])).status).toBe(0);
  });
});

describe("lutrace import", () => {
  test("writes a native trace to stdout, and says on stderr what it did", async () => {
    const { status, out, err } = await lutrace(["import", trace]);
    expect(status).toBe(0);
    expect(out).toBe(readFileSync(trace, "utf8"));
    expect(err).toMatch(/^wrote \d+ events\n$/);
  });

  test("compresses where the name says so, or when it is told", async () => {
    const target = folder.file("copy.ndjson.gz");
    expect((await lutrace(["import", trace, "-o", target])).status).toBe(0);
    expect(gunzipSync(readFileSync(target)).toString()).toBe(readFileSync(trace, "utf8"));
    const { bytes } = await lutrace(["import", trace, "--gzip"]);
    expect(gunzipSync(bytes).toString()).toBe(readFileSync(trace, "utf8"));
  });

  test("leaves no half-written file behind", async () => {
    const { status } = await lutrace(["import", "/nowhere.ndjson", "-o", folder.file("never")]);
    expect(status).toBe(2);
    expect(() => readFileSync(folder.file("never"))).toThrow();
  });
});

describe("what lutrace knows", () => {
  test("rules, by profile", async () => {
    const all = (await lutrace(["rules", "--format", "json"])).json() as {
      rules: { id: string }[];
    };
    const some = (await lutrace(["rules", "--format", "json", "--profile", "luo73"])).json() as {
      rules: { id: string }[];
    };
    expect(some.rules.length).toBeGreaterThan(0);
    expect(some.rules.length).toBeLessThan(all.rules.length);
  });

  test("every rule can be explained", async () => {
    const { rules } = (await lutrace(["rules", "--format", "json"])).json() as {
      rules: { id: string; summary: string }[];
    };
    for (const { id } of rules) {
      const { status, out } = await lutrace(["explain", id]);
      expect(status).toBe(0);
      expect(out).toContain(id);
      expect(out).toContain("severity");
    }
  });

  test("operations, with what is taken from the trace and why", async () => {
    const { operations } = (await lutrace(["ops", "--format", "json"])).json() as {
      operations: { op: string; descriptor: string; support: string; adopts: object }[];
    };
    expect(operations).toContainEqual(
      expect.objectContaining({ op: "LIVEUPDATE_SESSION_FINISH", descriptor: "LUO session" }),
    );
    const names = operations.map(({ op, descriptor }) => `${descriptor} ${op}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("profiles", async () => {
    const { out } = await lutrace(["profiles"]);
    for (const id of ["luo73", "seed", "rfc2", "p1v1", "p1v5", "p2"]) expect(out).toContain(id);
  });
});
