import { afterAll, beforeAll, expect, test } from "vitest";
import {
  analyse,
  checkProfiles,
  checkTrace,
  describeMachine,
  diffStates,
  openTrace,
  PROFILES,
  profileFacts,
  replayTrace,
  stateHash,
} from "../../src/index.js";
import { preservesTwice, StoryFolder } from "../cli/story-file.js";

const folder = new StoryFolder();
let path = "";

beforeAll(async () => {
  path = await folder.write("twice.ndjson", preservesTwice);
});

afterAll(() => folder.remove());

test("the library does what the command line does", async () => {
  const { trace } = await checkTrace(await openTrace(path));
  expect(trace.findings.map(({ rule }) => rule)).toContain("ses-double-preserve");
  const replayed = await replayTrace(await openTrace(path));
  expect(replayed.trace.calls.diverged).toBe(0);
  const profile = PROFILES[trace.profile as keyof typeof PROFILES];
  const run = await analyse(await openTrace(path), { profile });
  expect(stateHash(run.machine)).toBe(replayed.trace.stateHash);
  const early = await analyse(await openTrace(path), { profile, stop_after_seq: 4 });
  const differences = diffStates(describeMachine(early.machine), describeMachine(run.machine));
  expect(differences.map(({ kind }) => kind)).toEqual(["session_file", "memfd"]);
});

test("a listener sees every step, and only reads", async () => {
  const kinds: string[] = [];
  await analyse(await openTrace(path), {
    profile: PROFILES.luo73,
    listeners: [({ transitions }) => kinds.push(...transitions.map(({ kind }) => kind))],
  });
  expect(kinds).toContain("process_started");
  expect(kinds).toContain("fd_installed");
});

test("several profiles judge one trace, and say how they differ themselves", async () => {
  const profiles = ["luo73", "p2"] as const;
  const { trace } = await checkProfiles(await openTrace(path), { profiles });
  expect(trace.runs.map(({ profile }) => profile)).toEqual(profiles);
  const rule = trace.findings.find((finding) => finding.rule === "ses-double-preserve");
  expect(rule?.under.map(({ status }) => status)).toEqual(["found", "found"]);
  const [kinds] = profileFacts(profiles).facts.filter(({ what }) => what.startsWith("an iommufd,"));
  expect(kinds?.says).toEqual({ luo73: "refused with ENOENT", p2: "accepted" });
});
