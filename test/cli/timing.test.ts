import { afterAll, beforeAll, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import { preservesTwice, StoryFolder } from "./story-file.js";

const folder = new StoryFolder();
let trace = "";

beforeAll(async () => {
  trace = await folder.write("story.ndjson", preservesTwice);
});

afterAll(() => folder.remove());

test("check --timing says on stderr what stages and rules cost and changes nothing", async () => {
  const plain = await lutrace(["check", "--format", "json", trace]);
  const timed = await lutrace(["check", "--format", "json", "--timing", trace]);
  expect(timed.status).toBe(plain.status);
  expect(timed.json()).toEqual(plain.json());
  expect(plain.err).toBe("");
  for (const stage of ["read and decode", "emulate", "rules", "ses-double-preserve"]) {
    expect(timed.err).toMatch(new RegExp(`^ +[0-9.]+ ms {2}${stage}$`, "m"));
  }
});
