import { preserveRam, retrieveAfterKexec, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

const TOO_LONG = "X".repeat(64);

describeRule("ses-name-invalid", {
  profile: "luo73",
  fires(t) {
    const { manager, luo } = startManager(t);
    manager.createSession(luo, TOO_LONG, { refused: "EINVAL" });
    t.found("warning", "a session name of 64 bytes without an end was refused");
    manager.createSession(luo, "", { refused: "EINVAL" });
    t.found("warning", "a session without a name was refused");
    manager.createSession(luo, "vm1");
    manager.createSession(luo, "vm1", { refused: "EEXIST" });
    t.found("warning", 'session "vm1" exists already; the second one was refused');
  },
  silent(t) {
    const { manager, luo } = retrieveAfterKexec(t, preserveRam(t).manager);
    // The name of a session that arrived is free for a new one.
    manager.createSession(luo, "vm1");
    manager.createSession(luo, TOO_LONG.slice(1));
  },
  cases: {
    "a kernel that takes such names breaks the rule"(t) {
      const { manager, luo } = startManager(t);
      manager.createSession(luo, TOO_LONG, { kernel: "ok" });
      t.found("error", "the kernel took a session name without an end");
      manager.createSession(luo, "", { kernel: "ok" });
      t.found("error", "the kernel made a session without a name");
      manager.createSession(luo, "vm1");
      manager.createSession(luo, "vm1", { kernel: "ok" });
      t.found("error", 'the kernel made a second session "vm1"');
    },
    "a name that is closed is free again"(t) {
      const { manager, luo } = startManager(t);
      manager.close(manager.createSession(luo, "vm1"));
      manager.createSession(luo, "vm1");
    },
  },
});
