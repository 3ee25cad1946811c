/** `lutrace check --profile A --profile B`, as a user sees it. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import { nothingWrong, preservesTwice, StoryFolder } from "./story-file.js";

const TRACES = join(import.meta.dirname, "..", "..", "traces");
const UPDATE = join(TRACES, "scenarios", "S01-one-vm-one-device.p2.ndjson");
const MOVED = join(
  ...[TRACES, "rules", "imm-device-attachment-changed-after-preserve", "fires.ndjson"],
);
const BOTH = ["--profile", "p1v5", "--profile", "p2"];

const folder = new StoryFolder();
let clean = "";
let warned = "";
let unrecorded = "";

beforeAll(async () => {
  clean = await folder.write("clean.ndjson", nothingWrong);
  warned = await folder.write("warned.ndjson", preservesTwice);
  unrecorded = folder.file("unrecorded.ndjson");
  writeFileSync(unrecorded, withoutResults(readFileSync(UPDATE, "utf8")));
});

afterAll(() => folder.remove());

/** The same trace as somebody would write it by hand: no ioctl has a result. */
function withoutResults(text: string): string {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  const bare = lines.map((line) => {
    const { ret: _ret, errno: _errno, out: _out, ...rest } = line as Record<string, unknown>;
    return rest["type"] === "ioctl" ? rest : line;
  });
  return `${bare.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

describe("the document", () => {
  test("has the keys that docs/cli.md promises", async () => {
    const { json } = await lutrace(["check", ...BOTH, "--format", "json", UPDATE]);
    const document = json();
    expect(document).toMatchObject({ version: 1, profiles: ["p1v5", "p2"] });
    expect(document["summary"]).toMatchObject({ p1v5: { error: 1 }, p2: { error: 0 } });
    const [trace] = document["traces"] as Record<string, unknown>[];
    expect(Object.keys(trace ?? {})).toEqual([
      ...["path", "events", "headerProfile", "skipped", "same", "runs", "findings", "partings"],
      ...["calls", "callsLeftOut"],
    ]);
    expect(trace).toMatchObject({ path: UPDATE, headerProfile: "p2", same: false });
    const [run] = (trace?.["runs"] ?? []) as Record<string, unknown>[];
    expect(Object.keys(run ?? {})).toEqual([
      ...["profile", "verdict", "reasons", "summary", "calls", "rules", "rulesNotApplied"],
      "findings",
    ]);
  });

  test("is the same for several profiles in one word", async () => {
    const format = ["--format", "json", UPDATE];
    const apart = await lutrace(["check", ...BOTH, ...format]);
    const together = await lutrace(["check", "--profile", "p1v5,p2", ...format]);
    expect(together.out).toBe(apart.out);
  });

  test("standard input is read once, for all profiles", async () => {
    const format = ["--format", "json"];
    const piped = await lutrace(["check", ...BOTH, ...format, "-"], {
      stdin: readFileSync(UPDATE),
    });
    const read = await lutrace(["check", ...BOTH, ...format, UPDATE]);
    expect(piped.out.replace('"path": "-"', `"path": "${UPDATE}"`)).toBe(read.out);
  });

  test("a trace that cannot be read does not lose the others", async () => {
    const { status, json } = await lutrace([
      ...["check", ...BOTH, "--format", "json", "no-such.ndjson", clean],
    ]);
    expect(status).toBe(2);
    const document = json();
    expect(document["traces"]).toHaveLength(1);
    expect(document["errors"]).toMatchObject([{ path: "no-such.ndjson" }]);
  });
});

describe("exit status", () => {
  test.each([
    ["the worst of the profiles counts", ["--profile", "p2,p1v5", UPDATE], 1],
    ["so does the first", ["--profile", "p1v5,p2", UPDATE], 1],
    ["a difference alone is no finding", ["--profile", "p2,rfc2", UPDATE], 0],
    ["--fail-on never", ["--profile", "p2,p1v5", "--fail-on", "never", UPDATE], 0],
  ])("%s", async (_, argv, expected) => {
    expect((await lutrace(["check", ...argv])).status).toBe(expected);
  });

  test("--fail-on counts the severity that a rule has under each profile", async () => {
    const strict = ["--fail-on", "error"];
    const milder = await lutrace(["check", "--profile", "rfc2,p1v1", ...strict, MOVED]);
    const severe = await lutrace(["check", "--profile", "rfc2,p2", ...strict, MOVED]);
    expect([milder.status, severe.status]).toEqual([0, 1]);
  });

  test("with --fail-on info a call that is answered differently counts", async () => {
    const argv = ["check", "--profile", "luo73,p2", "--fail-on"];
    const marks = join(TRACES, "rules", "api-mark-nonpaging", "silent.ndjson");
    const { out } = await lutrace([...argv, "never", "--format", "json", marks]);
    const [trace] = (JSON.parse(out) as { traces: { calls: unknown[] }[] }).traces;
    expect(trace?.calls.length).toBeGreaterThan(0);
    expect((await lutrace([...argv, "info", marks])).status).toBe(1);
  });

  test("a limit that is hit is told, and what was read before it is judged", async () => {
    const { status, out } = await lutrace(["check", ...BOTH, "--limit-events", "20", UPDATE]);
    expect(status).toBe(3);
    expect(out).toContain("not certain under p1v5: only the first 20 events were read");
  });
});

describe("the text", () => {
  test("says what holds under both, why they part, then what only one finds", async () => {
    const { out } = await lutrace(["check", ...BOTH, UPDATE]);
    const parts = [
      "FAIL under p1v5, PASS under p2",
      "the trace says p2",
      "Found under both profiles",
      "p1v5 and p2 part at #",
      "because of: a preserved device when reboot(KEXEC) freezes it",
      "p1v5: is reset, its DMA stops",
      "Found only under p1v5 (1)",
      "p2: looked at and not found; the runs part at #",
      "Calls with another answer",
      "Rules that do not hold, so that their silence means nothing",
      "lutrace profiles p1v5 p2",
    ];
    const places = parts.map((part) => out.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("is short where nothing depends on the profile", async () => {
    const { out } = await lutrace(["check", "--profile", "p1v5,p2", warned]);
    expect(out).toContain("PASS, the same under p1v5 and p2");
    expect(out).toContain("warning ses-double-preserve at #");
    expect(out).toContain("every call has the same answer and the same effect");
    expect(out).not.toContain("Found only");
  });

  test("calls without a recorded result go on as each profile answers them", async () => {
    const { status, out } = await lutrace(["check", "--profile", "p2,p1v5", unrecorded]);
    expect(status).toBe(1);
    expect(out).toContain("error leak-session-stuck at #");
    expect(out).toMatch(/LIVEUPDATE_SESSION_RETRIEVE_FD +success +EOPNOTSUPP +RETRIEVE_FD of an/);
    // Only p2 comes to the point where its design decides: that explains nothing about p1v5.
    expect(out).toMatch(/VFIO_DEVICE_BIND_IOMMUFD +success +EBADF +what parted before/);
  });

  test("several traces end with a line about all of them", async () => {
    const { out } = await lutrace(["check", "--profile", "p1v5,p2", clean, UPDATE]);
    expect(out).toMatch(/\n2 traces: 1 fail under p1v5, 0 fail under p2, 1 the same under all\n$/);
  });
});
