import { memfd, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-preserve-after-retrieve", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.preserve(session, memfd(manager, "disk"), 2n, { refused: "EINVAL" });
    t.found(
      "warning",
      'session "vm1"@boot2 came out of a kexec and takes no files; memfd "disk"@boot2 was ' +
        "refused",
    );
  },
  silent(t) {
    const { manager, luo, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 1n);
    const next = manager.createSession(luo, "vm1");
    manager.preserve(next, memfd(manager, "disk"), 2n);
  },
  cases: {
    "a kernel that takes the file breaks the rule"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.preserve(session, memfd(manager, "disk"), 2n, { kernel: "ok" });
      t.found(
        "error",
        'the kernel put memfd "disk"@boot2 into session "vm1"@boot2, which came out of a kexec',
      );
    },
  },
});
