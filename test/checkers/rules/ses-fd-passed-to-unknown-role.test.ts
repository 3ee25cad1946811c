import { memfd } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-fd-passed-to-unknown-role", {
  profile: "luo73",
  fires(t) {
    const manager = t.start("manager");
    const session = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
    manager.pass(session, manager.spawn("other"));
    t.found(
      "info",
      'session "vm1" was passed to pid 101 (other): ' +
        "whoever holds it can finish, and discard, the VM",
    );
  },
  silent(t) {
    const manager = t.start("manager");
    const session = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
    manager.pass(session, manager.spawn("vmm"));
    manager.pass(session, manager.spawn("reaper"));
    // Memory may go to anybody.
    manager.pass(memfd(manager, "ram"), manager.spawn("other"));
  },
  cases: {
    "a helper inherits a copy that exec does not close"(t) {
      const manager = t.start("manager");
      const session = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
      t.call({ type: "dup", pid: manager.pid, how: "dup", fd: session });
      t.call({ type: "fork", pid: manager.pid, child: 300 });
      t.call({ type: "exec", pid: 300, path: "/usr/bin/helper" });
      t.call({ type: "process_start", pid: 300, role: "other" });
      t.foundAt(
        t.last_seq,
        "info",
        'pid 300 (other) inherited session "vm1" over its exec: ' +
          "it can finish, and discard, the VM",
      );
    },
    "a copy of the same program is not a helper yet"(t) {
      const manager = t.start("manager");
      const session = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
      t.call({ type: "dup", pid: manager.pid, how: "dup", fd: session });
      manager.spawn("other");
    },
    "a helper that is started otherwise inherits nothing"(t) {
      const manager = t.start("manager");
      manager.createSession(manager.open("/dev/liveupdate"), "vm1");
      manager.spawn("other");
    },
  },
});
