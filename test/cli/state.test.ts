import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import { nothingWrong, preservesTwice, StoryFolder } from "./story-file.js";

const folder = new StoryFolder();
/** One VM with one device through one live update. */
const UPDATE = join(import.meta.dirname, "../../traces/scenarios/S01-one-vm-one-device.p2.ndjson");
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
    expect(out).toContain('session 1, lineage session "vm7", title vm7, state out');
    expect(out).toMatch(/0x1 +vm7\/memfd "ram" +preserved +memfd-v2 +file \d/);
    expect(out).toMatch(/memfd 1 +vm7\/memfd "ram" +ram +memfd +0x1000 +SEAL\|SHRINK\|GROW/);
  });

  test("names what crossed a live update as it was named before", async () => {
    const { out } = await lutrace(["state", UPDATE, "--at", "53"]);
    expect(out).toContain("iommufd 1, lineage vm1/iommufd#1@boot2, path /dev/iommu");
    expect(out).toContain("id 2, lineage vm1/iommufd#1/hwpt:token=0x4d@boot2, type HWPT_PAGING");
    const { json } = await lutrace(["state", "--format", "json", UPDATE, "--at", "#53"]);
    expect((json() as { lineages: unknown }).lineages).toMatchObject({
      "session 1": 'session "vm1"@boot2',
      "session 1/0x1": 'vm1/memfd "ram"',
      "iommufd 1": "vm1/iommufd#1@boot2",
      "iommufd 1/2": "vm1/iommufd#1/hwpt:token=0x4d@boot2",
    });
  });

  test("stops after the event it is told", async () => {
    const { json } = await lutrace(["state", "--format", "json", "--at", "#4", trace]);
    const { lastSeq, state } = json() as { lastSeq: number; state: Record<string, unknown> };
    expect(lastSeq).toBe(4);
    expect(state["sessions"]).toMatchObject([{ title: "vm7", files: [] }]);
    expect(state["memfds"]).toBeUndefined();
  });

  test("stops at the start of a kernel, or before it", async () => {
    const seqAt = async (at: string): Promise<unknown> => {
      const { json } = await lutrace(["state", "--format", "json", "--at", at, UPDATE]);
      return (json() as { lastSeq: unknown }).lastSeq;
    };
    expect([await seqAt("boot1"), await seqAt("before-boot2"), await seqAt("boot2")]).toEqual([
      1, 32, 33,
    ]);
  });

  test("says kindly that a point is not in the trace", async () => {
    const beyond = await lutrace(["state", "--at", "4000", UPDATE]);
    expect(beyond.status).toBe(0);
    expect(beyond.out).toMatch(/^state after #61 /);
    expect(beyond.err).toBe(
      `note: ${UPDATE} has no event #4000; the state is that after #61, the last one before it\n`,
    );
    const third = await lutrace(["state", "--at", "boot3", UPDATE]);
    expect(third.status).toBe(2);
    expect(third.err).toBe(`lutrace: there is no boot3 in ${UPDATE}: the trace has 2 kernels\n`);
  });

  test.each(["4x", "boot0", "before-boot1", "-1", "boot"])("--at %s is refused", async (at) => {
    const { status, err } = await lutrace(["state", `--at=${at}`, UPDATE]);
    expect(status).toBe(2);
    expect(err).toContain("--at needs an event number (120 or #120) or a kernel (boot2 or");
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
    expect(out).toMatch(/^Between them: \d+ events? \(.*1 memfd_create.*\)\.$/m);
    expect(out).toContain('+ vm7/memfd "ram" only in B');
    expect(out).toContain('+ vm7/memfd "ram" as token 0x1 of session "vm7" only in B');
    expect(out).toMatch(/\n2 differences\n$/);
  });

  test("a forgotten preserve is named, with what came of it", async () => {
    const lines = readFileSync(UPDATE, "utf8").split("\n");
    const forgotten = folder.file("forgotten.ndjson");
    writeFileSync(forgotten, lines.filter((line) => !line.includes('"seq":26,')).join("\n"));
    const { status, out } = await lutrace(["diff", UPDATE, forgotten]);
    expect(status).toBe(1);
    expect(out).toContain(
      "The traces part here: B does not have this event of A:\n" +
        "  A #26 pid 101: LIVEUPDATE_SESSION_PRESERVE_FD(fd 3, fd 4, token 0x1) = 0\n" +
        "  B goes on with #27 pid 101: LIVEUPDATE_SESSION_PRESERVE_FD(fd 3, fd 5, token 0x2) = 0\n",
    );
    expect(out).toContain("(0000:3b:00.0): mapping missing in B at IOVA 0x0..0x3fffffff");
    const report = await lutrace(["diff", "--format", "json", UPDATE, forgotten]);
    expect(report.json()).toMatchObject({
      parted: { kind: "only_in_a", a: { seq: 26 }, b: { seq: 27 } },
    });
    const before = await lutrace(["diff", UPDATE, forgotten, "--at", "25", "--at-b", "25"]);
    expect(before.status).toBe(0);
    expect(before.out).toContain("Both traces make the same calls, with the same results.");
  });

  test("one trace can come from standard input", async () => {
    const stdin = readFileSync(UPDATE);
    const { status, out } = await lutrace(["diff", "-", UPDATE], { stdin });
    expect([status, out]).toEqual([0, expect.stringContaining("The states are the same.")]);
    const twice = await lutrace(["state", "-", "--at", "boot2"], { stdin });
    expect(twice.status).toBe(2);
    expect(twice.err).toContain("boot2 needs a file: standard input is read only once");
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
