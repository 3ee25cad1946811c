import { MEMORY_TOKEN } from "../../../src/replay/scenario/blocks.js";
import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** A VMM works with a session; somebody else has it, too. */
function twoHolders(t: Story, role: "reaper" | "manager") {
  const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
  const vmm = manager.spawn("vmm");
  const held = manager.pass(session, vmm);
  const other = role === "manager" ? manager : manager.spawn(role);
  const theirs = role === "manager" ? session : manager.pass(session, other);
  vmm.retrieve(held, MEMORY_TOKEN);
  return { vmm, held, other, theirs };
}

describeRule("own-reaper-before-owner-exit", {
  profile: "luo73",
  fires(t) {
    const { other, theirs } = twoHolders(t, "reaper");
    other.finish(theirs);
    t.found(
      "warning",
      "pid 103 (reaper) makes LIVEUPDATE_SESSION_FINISH on what pid 102 (vmm) retrieved " +
        'from session "vm1"@boot2 and still works with',
    );
  },
  silent(t) {
    const { vmm, other, theirs } = twoHolders(t, "reaper");
    vmm.crash();
    other.finish(theirs);
  },
  cases: {
    "a manager may finish"(t) {
      const { other, theirs } = twoHolders(t, "manager");
      other.finish(theirs);
    },
    "a reaper that retrieves first has looked after the session before"(t) {
      const { other, theirs } = twoHolders(t, "reaper");
      other.retrieve(theirs, MEMORY_TOKEN);
      other.finish(theirs);
    },
    "the owner passed on what it had"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      const vmm = manager.spawn("vmm");
      const held = manager.pass(session, vmm);
      vmm.retrieve(held, MEMORY_TOKEN);
      const helper = vmm.spawn("other");
      helper.finish(vmm.pass(held, helper));
    },
  },
});
