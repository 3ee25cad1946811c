import { expect, test } from "vitest";
import { traceProfileMissing as rule } from "../../../src/checkers/rules/trace-profile-missing.js";
import { note } from "../../support/calls.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";

describeRule("trace-profile-missing", {
  profile: "luo73",
  facts: { profile: undefined },
  fires(t) {
    note(t, "whose kernel was this?");
    t.foundAt(
      0,
      "info",
      "the header names no profile; sessions and memfds are judged as luo73, domains as seed",
    );
  },
  silent(t) {
    note(t, "the header says whose kernel this was");
  },
});

test("silent when the command line names the profile", () => {
  const overridden = new Story("luo73", { profile: undefined, profile_overridden: true });
  expect(findingsOf(overridden, [rule])).toEqual([]);
});
