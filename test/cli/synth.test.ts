import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";

const TRACES = join(import.meta.dirname, "..", "..", "traces", "scenarios");

describe("lutrace synth with a scenario", () => {
  test("gives the trace that is in the corpus", async () => {
    const ran = await lutrace(["synth", "S02"]);
    expect(ran.status).toBe(0);
    expect(ran.out).toBe(readFileSync(join(TRACES, "S02-memfd-only.luo73.ndjson"), "utf8"));
    expect(ran.err).toMatch(/^wrote \d+ events\n$/);
  });

  test("takes the first variant told under the profile, and names the others", async () => {
    const ran = await lutrace(["synth", "s09", "--profile", "luo73"]);
    const name = "S09-memfds-retrieved-in-reverse";
    expect(ran.out).toBe(readFileSync(join(TRACES, `${name}.luo73.ndjson`), "utf8"));
    expect(ran.err).toContain(`this is ${name} under luo73; others: S09-retrieved-in-reverse\n`);
  });

  test("takes names and profiles", async () => {
    const ran = await lutrace(["synth", "S01-one-vm-one-device", "--profile", "seed"]);
    expect(ran.out).toBe(readFileSync(join(TRACES, "S01-one-vm-one-device.seed.ndjson"), "utf8"));
    expect((await lutrace(["synth", "one-vm-one-device", "--profile", "seed"])).out).toBe(ran.out);
  });

  test.each([
    [["synth", "S999"], "no scenario S999"],
    [["synth", "S01", "--profile", "luo73"], "not told under luo73, only under seed"],
    [["synth", "S01", "--seed", "1"], "--seed is for compositions"],
  ])("%j is refused", async (argv, text) => {
    const ran = await lutrace(argv);
    expect(ran.status).toBe(2);
    expect(ran.out).toBe("");
    expect(ran.err).toContain(text);
  });
});

describe("lutrace synth with a composition", () => {
  test("gives a trace that check and replay find nothing wrong with", async () => {
    const made = await lutrace(["synth", "--vms", "2", "--devices", "2", "--updates", "2"]);
    const checked = await lutrace(["check", "-", "--format", "json"], { stdin: made.out });
    expect(checked.json()["summary"]).toMatchObject({ error: 0, warning: 0 });
    const replayed = await lutrace(["replay", "-"], { stdin: made.out });
    expect(replayed.status).toBe(0);
  });

  test("tells the faults it was asked for", async () => {
    const argv = ["synth", "--vms", "2", "--fault", "destroy-early,crash@bind", "--memory", "64M"];
    const made = await lutrace(argv);
    const checked = await lutrace(["check", "-", "--fail-on", "warning"], { stdin: made.out });
    expect(checked.status).toBe(1);
    expect(checked.out).toContain("api-destroy-restored-before-replace");
  });

  test("gives the manager of many VMs the descriptors it needs", async () => {
    const made = await lutrace(["synth", "--vms", "400", "--devices", "0", "--dma", "0"]);
    expect(made.out).toContain('"type":"setrlimit"');
    const checked = await lutrace(["check", "-", "--fail-on", "warning"], { stdin: made.out });
    expect(checked.status).toBe(0);
  });

  test("stops when nobody reads any more, and does not say that it wrote everything", async () => {
    const argv = ["synth", "--events", "1000000"];
    const ran = await lutrace(argv, { reads_bytes: 10_000 });
    expect(ran.status).toBe(0);
    expect(ran.bytes.length).toBeLessThan(1_000_000);
    expect(ran.err).toBe(
      "stopped: nobody reads any more; only the start of the trace was written\n",
    );
  });

  test("writes the same bytes to a file, and again", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "lutrace-synth-")), "trace.ndjson");
    const argv = ["synth", "--seed", "a b", "--events", "2000"];
    expect((await lutrace([...argv, "-o", path])).status).toBe(0);
    const first = readFileSync(path, "utf8");
    expect((await lutrace(argv)).out).toBe(first);
    expect(first.split("\n")).toHaveLength(2002);
    expect(first).toContain("lutrace synth --profile p2 --seed 'a b'");
  });

  test.each([
    [["--memory", "3M"], "multiple of 2 MiB"],
    [["--memory", "lots"], "--memory needs a size such as 512M, 4G or 1T"],
    [["--fault", "meteor"], "no fault meteor; lutrace synth --fault list shows them"],
    [["--fault", "pnch"], "no fault pnch (did you mean punch?)"],
    [["--fault", "punch@vm2"], "there is no VM 2"],
    [["--vms", "0"], "--vms needs a whole number of at least 1"],
    [["--profile", "luo73", "--devices", "1"], "luo73 cannot preserve devices"],
  ])("%j is refused", async (argv, text) => {
    const ran = await lutrace(["synth", ...argv]);
    expect(ran.status).toBe(2);
    expect(ran.err).toContain(text);
  });
});

describe("lutrace synth --list", () => {
  test("names scenarios and faults", async () => {
    const { out, status } = await lutrace(["synth", "--list"]);
    expect(status).toBe(0);
    expect(out).toContain("S22-session-never-retrieved");
    expect(out).toContain("forget-memfd");
  });

  test("of faults alone", async () => {
    const { out, status } = await lutrace(["synth", "--fault", "list"]);
    expect(status).toBe(0);
    expect(out).toMatch(/^ *fault/);
    expect(out).toContain("forget-memfd");
    expect(out).not.toContain("S22");
    const argv = ["synth", "--fault", "list", "--format", "json"];
    const document = (await lutrace(argv)).json();
    expect(document["faults"]).toContainEqual(expect.objectContaining({ id: "punch" }));
  });

  test("as JSON with what each must give", async () => {
    const document = (await lutrace(["synth", "--list", "--format", "json"])).json();
    expect(document["scenarios"]).toContainEqual(
      expect.objectContaining({
        id: "S24",
        findings: [{ profile: "luo73", rules: ["ses-double-preserve"] }],
      }),
    );
  });
});
