import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-retrieve-session-twice", {
  profile: "luo73",
  fires(t) {
    const { manager, luo } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieveSession(luo, "vm1", { refused: "EINVAL" });
    t.found(
      "warning",
      'session "vm1"@boot2 was retrieved before (its descriptor is open); it cannot be ' +
        "retrieved again",
    );
  },
  silent(t) {
    const { manager, luo, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 1n);
    manager.finish(session);
    manager.close(session);
    manager.retrieveSession(luo, "vm1", { refused: "ENOENT" });
  },
  cases: {
    "a finished session counts until its descriptor is closed"(t) {
      const { manager, luo, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.finish(session);
      manager.retrieveSession(luo, "vm1", { refused: "EINVAL" });
      t.found(
        "warning",
        'session "vm1"@boot2 was retrieved before (it is finished, its descriptor is open); ' +
          "it cannot be retrieved again",
      );
    },
    "a kernel that gives it out again breaks the rule"(t) {
      const { manager, luo } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.retrieveSession(luo, "vm1", { kernel: "ok" });
      t.found(
        "error",
        'the kernel gave session "vm1"@boot2 out a second time (its descriptor is open)',
      );
    },
  },
});
