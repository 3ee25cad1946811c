import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlCharacters } from "../support/control-characters.js";
import { lutrace } from "./run-lutrace.js";
import {
  nothingWrong,
  preservesTwice,
  preservesTwiceAndGetsAwayWithIt,
  StoryFolder,
} from "./story-file.js";

const folder = new StoryFolder();
let clean = "";
let warned = "";
let broken = "";
let cut = "";

beforeAll(async () => {
  clean = await folder.write("clean.ndjson", nothingWrong);
  warned = await folder.write("warned.ndjson", preservesTwice);
  broken = await folder.write("broken.ndjson", preservesTwiceAndGetsAwayWithIt);
  cut = folder.file("cut.ndjson");
  writeFileSync(cut, readFileSync(clean, "utf8").slice(0, -30));
});

afterAll(() => folder.remove());

interface Document {
  readonly version: number;
  readonly traces: readonly {
    readonly path: string;
    readonly events: number;
    readonly profile: string;
    readonly verdict: string;
    readonly skipped: Readonly<Record<string, number>>;
    readonly findings: readonly Record<string, unknown>[];
  }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const documentOf = async (argv: readonly string[]): Promise<Document> =>
  (await lutrace(["check", "--format", "json", ...argv])).json() as unknown as Document;

describe("the document of check", () => {
  test("has the keys others rely on", async () => {
    const { version, traces, summary } = await documentOf([warned]);
    expect(version).toBe(1);
    expect(traces).toHaveLength(1);
    expect(traces[0]).toMatchObject({ path: warned, profile: "luo73", verdict: "pass" });
    expect(traces[0]?.events).toBeGreaterThan(5);
    const findings = traces[0]?.findings ?? [];
    const [finding] = findings.filter(({ rule }) => rule === "ses-double-preserve");
    expect(finding).toMatchObject({ family: "session", severity: "warning", count: 1 });
    for (const key of ["seq", "message", "objects", "witness", "fingerprint"]) {
      expect(finding).toHaveProperty(key);
    }
    expect(summary["warning"]).toBe(findings.filter((one) => one["severity"] === "warning").length);
  });

  test("an accepted violation is an error and fails the trace", async () => {
    const { traces, summary } = await documentOf([broken]);
    expect(traces[0]?.verdict).toBe("fail");
    expect(summary["error"]).toBeGreaterThan(0);
  });

  test("a trace in which nothing is wrong passes", async () => {
    const { traces, summary } = await documentOf([clean]);
    expect(traces[0]).toMatchObject({ verdict: "pass", findings: [] });
    expect(summary).toEqual({ error: 0, warning: 0, info: 0 });
  });

  test("one trace that cannot be read does not lose the others", async () => {
    const { status, err, json } = await lutrace(["check", "--format", "json", clean, cut, broken]);
    const { traces, errors } = json() as unknown as Document;
    expect(status).toBe(2);
    expect(traces.map(({ path }) => path)).toEqual([clean, broken]);
    expect(errors?.map(({ path }) => path)).toEqual([cut]);
    expect(err).toContain(`lutrace: ${cut}, line `);
    expect(err.split("\n")).toHaveLength(2);
  });
});

describe("the exit status of check", () => {
  const status = async (...argv: readonly string[]): Promise<number> =>
    (await lutrace(["check", ...argv])).status;

  test("is 1 from the level of --fail-on on", async () => {
    expect(await status(clean)).toBe(0);
    expect(await status(warned)).toBe(0);
    expect(await status(broken)).toBe(1);
    expect(await status("--fail-on", "warning", warned)).toBe(1);
    expect(await status("--fail-on", "never", broken)).toBe(0);
  });

  test("is 2 for what cannot be read, even beside findings", async () => {
    expect(await status("/nowhere/at/all.ndjson")).toBe(2);
    expect(await status(broken, cut)).toBe(2);
  });

  test("is 3 where a limit was hit, and the verdict is not pass", async () => {
    const ran = await lutrace(["check", "--format", "json", "--limit-events", "3", clean]);
    expect(ran.status).toBe(3);
    expect(ran.err).toContain("more events than the limit of 3");
    const { traces } = ran.json() as unknown as Document;
    expect(traces[0]).toMatchObject({ events: 3, verdict: "unknown" });
  });
});

describe("a trace with lines nobody understands", () => {
  let strange = "";

  beforeAll(() => {
    strange = folder.file("strange.ndjson");
    const lines = readFileSync(clean, "utf8").trimEnd().split("\n");
    lines.push(
      '{"seq":900,"type":"teleport","pid":100}',
      '{"seq":901,"type":"teleport","pid":100}',
    );
    writeFileSync(strange, `${lines.join("\n")}\n`);
  });

  test("is refused with line, field and hint", async () => {
    const { status, err } = await lutrace(["check", strange]);
    expect(status).toBe(2);
    expect(err).toMatch(/^lutrace: \S+strange\.ndjson, line \d+: field type: .*teleport.*\n$/);
    expect(err).toContain("--lenient");
  });

  test("is read with --lenient, counted, and never said to pass", async () => {
    const { status, json } = await lutrace(["check", "--lenient", "--format", "json", strange]);
    expect(status).toBe(0);
    const { traces } = json() as unknown as Document;
    expect(traces[0]).toMatchObject({ verdict: "unknown", findings: [] });
    expect(Object.values(traces[0]?.skipped ?? {})).toEqual([2]);
    const { out } = await lutrace(["check", "--lenient", strange]);
    expect(out).toContain("UNKNOWN, no findings");
    expect(out).toMatch(/not certain: .*2 lines/);
  });
});

describe("the text of check", () => {
  test("shows the events that prove a finding, decoded", async () => {
    const { out, err } = await lutrace(["check", warned]);
    expect(err).toBe("");
    expect(out).toContain("warning ses-double-preserve at #");
    expect(out).toMatch(/because of #\d+ pid 100: LIVEUPDATE_SESSION_PRESERVE_FD\(fd \d+/);
    expect(out).toContain("lutrace explain ses-double-preserve");
  });

  test("does so for a pipe, too", async () => {
    const fromFile = (await lutrace(["check", warned])).out;
    const stdin = readFileSync(warned);
    const fromPipe = (await lutrace(["check", "-"], { stdin })).out;
    expect(fromPipe.slice(fromPipe.indexOf(":"))).toBe(fromFile.slice(fromFile.indexOf(":")));
  });

  test("reads gzip", async () => {
    const ran = await lutrace(["check", "-"], { stdin: gzipSync(readFileSync(clean)) });
    expect(ran.out).toContain("PASS");
  });

  test("is coloured on a terminal only, and not against NO_COLOR", async () => {
    const escapes = async (isTerminal: boolean, env: Record<string, string>): Promise<number> =>
      controlCharacters((await lutrace(["check", broken], { isTerminal, env })).out).length;
    expect(await escapes(true, {})).toBeGreaterThan(0);
    expect(await escapes(true, { NO_COLOR: "1" })).toBe(0);
    expect(await escapes(true, { TERM: "dumb" })).toBe(0);
    expect(await escapes(false, {})).toBe(0);
  });

  test("several traces end in a sum", async () => {
    const { out } = await lutrace(["check", clean, warned]);
    expect(out).toMatch(/\n2 traces: 0 errors, \d+ warnings?, \d+ info\n$/);
  });

  test("another profile can be asked for", async () => {
    expect((await lutrace(["check", "--profile", "p2", clean])).out).toContain("profile p2");
  });
});
