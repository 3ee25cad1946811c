import { preserveRam, retrieveAfterKexec, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-retrieve-before-kexec", {
  profile: "luo73",
  fires(t) {
    const { manager, luo, session } = preserveRam(t);
    manager.retrieveSession(luo, "vm1", { refused: "ENOENT" });
    t.found(
      "warning",
      'session "vm1" was created in this kernel; it can be retrieved after a kexec only',
    );
    manager.retrieve(session, 1n, { refused: "EINVAL" });
    t.found("warning", 'RETRIEVE_FD on session "vm1", which was created in this kernel');
  },
  silent(t) {
    const before = preserveRam(t);
    const { manager, luo, session } = retrieveAfterKexec(t, before.manager);
    manager.retrieve(session, 1n);
    // A new session of the same name does not hide the one that arrived.
    manager.createSession(luo, "vm1");
    manager.retrieveSession(luo, "vm1", { refused: "EINVAL" });
    manager.retrieveSession(luo, "never-there", { refused: "ENOENT" });
  },
  cases: {
    "a closed session cannot be retrieved either"(t) {
      const { manager, luo, session } = preserveRam(t);
      manager.close(session);
      manager.retrieveSession(luo, "vm1", { refused: "ENOENT" });
      t.found(
        "warning",
        'session "vm1" was created in this kernel; it can be retrieved after a kexec only',
      );
    },
    "a name of the kernel before is no mistake of this kind"(t) {
      const before = preserveRam(t);
      const { manager, luo, session } = retrieveAfterKexec(t, before.manager);
      manager.retrieve(session, 1n);
      manager.finish(session);
      manager.close(session);
      manager.retrieveSession(luo, "vm1", { refused: "ENOENT" });
    },
    "a kernel that gives it back breaks the rule"(t) {
      const { manager, luo } = startManager(t);
      const session = manager.createSession(luo, "vm1");
      manager.retrieveSession(luo, "vm1", { kernel: "ok" });
      t.found("error", 'the kernel gave session "vm1" back although it was created in this kernel');
      manager.retrieve(session, 1n, { kernel: "ok" });
      t.found(
        "error",
        'the kernel gave a file of session "vm1" back although no kexec lies between',
      );
    },
  },
});
