import { boot, kexec, marker, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** Two sessions cross; only the second is retrieved. */
function forgetOne(t: Story) {
  const { manager, luo } = preserveRam(t);
  manager.createSession(luo, "vm2");
  return retrieveAfterKexec(t, manager, "vm2");
}

describeRule("leak-session-never-retrieved", {
  profile: "luo73",
  fires(t) {
    forgetOne(t);
    marker(t, "clean_end");
    t.found("error", 'session "vm1"@boot2 (1 file) arrived and was never retrieved');
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 1n);
    manager.finish(session);
    marker(t, "clean_end");
  },
  cases: {
    "the next kexec loses it"(t) {
      const { manager } = forgetOne(t);
      kexec(t, manager.pid);
      t.found(
        "error",
        'session "vm1"@boot2 (1 file) was not retrieved before the next kexec; it is lost',
      );
    },
    "the next kexec loses it, and the trace ends with that"(t) {
      const { manager } = forgetOne(t);
      t.call({ type: "kexec_load", pid: manager.pid, how: "kexec_file_load" });
      t.add({ type: "reboot", pid: manager.pid, cmd: "kexec", never_returned: true });
      t.found(
        "error",
        'session "vm1"@boot2 (1 file) was not retrieved before the next kexec; it is lost',
      );
    },
    "the header says that it may be lost"(t) {
      t.states({ disposable: ["vm1"] });
      forgetOne(t);
      marker(t, "clean_end");
    },
    "a trace that just stops proves nothing"(t) {
      forgetOne(t);
      t.found("info", 'the trace ends before session "vm1"@boot2 (1 file) was retrieved');
    },
    "after five minutes it is late"(t) {
      forgetOne(t);
      t.wait(301_000_000_000);
      marker(t, "vcpus_resumed");
      t.found(
        "warning",
        'session "vm1"@boot2 (1 file) waits since its kernel booted and was not retrieved in ' +
          "time",
      );
    },
    "after the end of the boot it is late"(t) {
      forgetOne(t);
      marker(t, "boot_complete");
      t.found(
        "warning",
        'session "vm1"@boot2 (1 file) waits since its kernel booted and was not retrieved in ' +
          "time",
      );
    },
    "a session without files keeps nothing"(t) {
      const { manager, luo } = preserveRam(t);
      manager.createSession(luo, "vm2");
      retrieveAfterKexec(t, manager, "vm1");
      marker(t, "clean_end");
      t.found("info", 'session "vm2"@boot2, which has no files, was never retrieved');
    },
    "a cold start expects nothing"(t) {
      preserveRam(t);
      boot(t, "cold");
      marker(t, "clean_end");
    },
  },
});
