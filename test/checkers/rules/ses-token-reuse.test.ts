import { memfd, preserveRam, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-token-reuse", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = preserveRam(t);
    manager.preserve(session, memfd(manager, "disk"), 1n, { refused: "EEXIST" });
    t.found(
      "warning",
      'token 0x1 of session "vm1" is vm1/memfd "ram" already; memfd "disk" was refused and ' +
        "does not get this token",
    );
  },
  silent(t) {
    const { manager, luo, session, ram } = preserveRam(t);
    // The same token in another session is another token.
    const other = manager.createSession(luo, "vm2");
    manager.preserve(other, memfd(manager, "disk"), 1n);
    // A closed session gives its tokens back.
    manager.close(session);
    const again = manager.createSession(luo, "vm1");
    manager.preserve(again, ram, 1n);
  },
  cases: {
    "a kernel that takes the second file breaks the rule"(t) {
      const { manager, session } = preserveRam(t);
      manager.preserve(session, memfd(manager, "disk"), 1n, { kernel: "ok" });
      t.found(
        "error",
        'the kernel put memfd "disk" under token 0x1 of session "vm1", which is vm1/memfd ' +
          '"ram" already',
      );
    },
    "the same file under its own token again is still preserved"(t) {
      const { manager, session, ram } = preserveRam(t);
      manager.preserve(session, ram, 1n, { refused: "EEXIST" });
      t.found(
        "warning",
        'token 0x1 of session "vm1" is vm1/memfd "ram" already; preserving it again was refused',
      );
    },
    "a token refused for another reason is not taken"(t) {
      const { manager, luo } = startManager(t);
      const session = manager.createSession(luo, "vm1");
      manager.preserve(session, luo, 1n, { refused: "ENOENT" });
    },
    "trying again and again is one finding"(t) {
      const { manager, session } = preserveRam(t);
      const disk = memfd(manager, "disk");
      manager.preserve(session, disk, 1n, { refused: "EEXIST" });
      t.found(
        "warning",
        'token 0x1 of session "vm1" is vm1/memfd "ram" already; memfd "disk" was refused and ' +
          "does not get this token",
        2,
      );
      manager.preserve(session, disk, 1n, { refused: "EEXIST" });
    },
  },
});
