import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-double-preserve", {
  profile: "luo73",
  fires(t) {
    const { manager, luo, ram } = preserveRam(t);
    const shared = manager.createSession(luo, "shared");
    manager.preserve(shared, ram, 9n, { refused: "EBUSY" });
    t.found(
      "warning",
      'vm1/memfd "ram" is token 0x1 of session "vm1" already; session "shared" does not ' +
        "get it",
    );
  },
  silent(t) {
    const { manager, luo, session, ram } = preserveRam(t);
    manager.close(session);
    const shared = manager.createSession(luo, "shared");
    manager.preserve(shared, ram, 9n);
  },
  cases: {
    "twice in one session"(t) {
      const { manager, session, ram } = preserveRam(t);
      manager.preserve(session, ram, 2n, { refused: "EBUSY" });
      t.found(
        "warning",
        'vm1/memfd "ram" is token 0x1 of session "vm1" already; a second token was refused',
      );
    },
    "retrieved and not finished, it belongs to the update before"(t) {
      const before = preserveRam(t);
      const { manager, luo, session } = retrieveAfterKexec(t, before.manager);
      const ram = manager.retrieve(session, 1n);
      const next = manager.createSession(luo, "vm1");
      manager.preserve(next, ram, 1n, { refused: "EBUSY" });
      t.found(
        "warning",
        'vm1/memfd "ram"@boot2 arrived as token 0x1 of session "vm1"@boot2, which is not ' +
          'finished; the new session "vm1"#2@boot2 does not get it',
      );
      manager.finish(session);
      manager.preserve(next, ram, 1n);
    },
    "a kernel that allows it breaks the rule"(t) {
      const { manager, luo, ram } = preserveRam(t);
      const shared = manager.createSession(luo, "shared");
      manager.preserve(shared, ram, 9n, { kernel: "ok" });
      t.found(
        "error",
        'the kernel put vm1/memfd "ram" into session "shared" although it is token 0x1 of ' +
          'session "vm1" already',
      );
    },
  },
});
