import { describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";

describe("a command line that cannot be used", () => {
  test.each([
    [["chekc", "t.ndjson"], "unknown command chekc (did you mean check?)"],
    [["corpus", "updte"], "unknown command corpus updte (did you mean update?)"],
    [
      ["check", "t.ndjson", "--fail-onn", "error"],
      "unknown option --fail-onn (did you mean --fail-on?)",
    ],
    [["check"], "<trace..> is missing: lutrace check <trace..>; see lutrace check --help"],
    [["diff", "a"], "<b> is missing: lutrace diff <a> <b>"],
    [["check", "--frmat", "t.ndjson"], "unknown option --frmat (did you mean --format?)"],
    [["check", "--no-colour", "t.ndjson"], "unknown option --no-colour"],
    [["check", "--constructor", "t.ndjson"], "unknown option --constructor"],
    [["profiles", "p2", "--json"], "unknown option --json (did you mean --format json?)"],
    [["check", "t.ndjson", "--format"], "--format needs a value"],
    [["check", "t.ndjson", "--profile="], "--profile needs a value"],
    [["check", "t.ndjson", "--lenient=maybe"], "--lenient takes no value, not maybe"],
    [["import", "t", "-o", "a", "--output", "b"], "--output was given twice"],
    [["check", "t", "--profile", "p2", "--profile", "p2"], "--profile p2 was given twice"],
    [["replay", "t", "--profile", "p2", "--profile", "seed"], "--profile was given twice"],
    [["check", "t", "--profile"], "--profile needs a value"],
    [["check", "--profile", "--lenient", "t"], "--profile needs a value"],
    [
      ["check", "t", "--profile", "p2", "--profile", "seed", "--timing"],
      "--timing measures one profile",
    ],
    [
      ["check", "t", "--profile", "p2", "--profile", "seed", "--shard", "1/2"],
      "--shard divides work under one profile",
    ],
    [["check", ""], "an argument is empty (an unset shell variable?)"],
    [["check", "--", "-x"], "./-x: no such file"],
    [["corpus", "zzz"], "unknown command corpus zzz; see lutrace corpus --help"],
    [["diff", "a", "b", "c"], "unexpected argument c"],
    [
      ["check", "t.ndjson", "--fail-on", "eror"],
      "--fail-on cannot be eror (did you mean error?); it is one of error, warning, info, never",
    ],
    [["check", "t.ndjson", "--profile", "luo7"], "unknown profile luo7 (did you mean luo73?)"],
    [["replay", "t.ndjson", "--max-divergences", "-1"], "--max-divergences"],
    [
      ["check", "t.ndjson", "--limit-events", "0"],
      "--limit-events needs a whole number of at least 1",
    ],
    [["check", "t", "-j0"], "--jobs needs a whole number of at least 1, not 0"],
    [["check", "t", "-j", "many"], "--jobs needs a whole number of at least 1, not many"],
    [["check", "t", "--jobs", "99999"], "--jobs takes at most 1024, not 99999"],
    [["check", "t", "--job-memory", "12"], "--job-memory needs a size such as 512M or 4G"],
    [["check", "t", "--job-memory", "1M"], "at least 64M, not 1M"],
    [["check", "t", "--shard", "0/3"], "--shard needs I/N, such as 2/8, with I from 1 to N"],
    [["check", "-", "--shard", "1/3"], "--shard cannot divide standard input; give it files"],
    [["corpus", "run", "--shard=4/3"], "not 4/3"],
    [["check", "nowhere/*.ndjson"], "no file matches nowhere/*.ndjson"],
    [["corpus", "merge"], "<shard..> is missing: lutrace corpus merge <shard..>"],
    [["corpus", "merge", "package.json"], "package.json is not the output of --shard"],
    [["explain", "ses-double-preserv"], "unknown rule ses-double-preserv"],
    [["check", "t", "--format", "json", "--format", "table"], "--format was given twice"],
    [["diff", "-", "-"], "only one trace can be - (standard input)"],
    [["check", "-", "-"], "only one trace can be - (standard input)"],
    [["replay", "-", "x.ndjson", "-"], "only one trace can be - (standard input)"],
  ])("%j", async (argv, message) => {
    const { status, out, err } = await lutrace(argv);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err).toMatch(/^lutrace: .*\n$/);
  });

  test("without a command the help goes to stderr", async () => {
    const { status, out, err } = await lutrace([]);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("lutrace check");
  });
});

describe("help", () => {
  test.each([[["--help"]], [["-h"]], [["help"]]])("%j lists the commands", async (argv) => {
    const { status, out, err } = await lutrace(argv);
    expect(status).toBe(0);
    expect(err).toBe("");
    for (const name of ["check", "replay", "diff", "state", "import", "corpus", "rules", "ops"]) {
      expect(out).toContain(`lutrace ${name}`);
    }
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("help of a command says what it is for and how its status is to be read", async () => {
    const { status, out } = await lutrace(["help", "check"]);
    expect(status).toBe(0);
    expect(out).toContain("most severe first");
    expect(out).toContain("--fail-on");
    expect(out).toContain("lutrace check --format json -");
  });

  test.each(["check", "replay", "diff", "state", "import", "explain", "rules", "ops"])(
    "the examples of %s can be copied: none is broken over two lines",
    async (name) => {
      const { out } = await lutrace([name, "--help"]);
      const examples = out.slice(out.indexOf("\nExamples:")).split("\n").slice(2);
      const commands = examples.filter((line) => line.startsWith("  lutrace "));
      expect(commands.length).toBeGreaterThan(0);
      for (const line of examples.filter((line) => !commands.includes(line))) {
        expect(line).toMatch(/^(\s{20}.*)?$/);
      }
    },
  );

  test("what takes a number says so", async () => {
    expect((await lutrace(["state", "--help"])).out.match(/\[number\]/g)).toHaveLength(2);
  });

  test("the version is the package's", async () => {
    expect((await lutrace(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
