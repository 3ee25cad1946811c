import {
  kexec,
  marker,
  memfd,
  preserveRam,
  retrieveAfterKexec,
  startManager,
} from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

const THROWN = 'session "vm1"@boot2 was finished, and its only file was not retrieved';

describeRule("ses-finish-without-retrieve", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.finish(session);
    t.found("warning", THROWN);
    manager.close(session);
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 1n);
    manager.finish(session);
    marker(t, "vcpus_resumed");
  },
  cases: {
    "a VM that resumes without its memory is an error"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.finish(session);
      marker(t, "vcpus_resumed");
      const resumed =
        'session "vm1"@boot2 was finished, its only file was not retrieved, then its VM resumed';
      t.found("error", resumed);
    },
    "of several files none was retrieved"(t) {
      const { manager, session } = preserveRam(t);
      manager.preserve(session, memfd(manager, "disk"), 2n);
      const next = retrieveAfterKexec(t, manager);
      next.manager.finish(next.session);
      t.found("warning", 'session "vm1"@boot2 was finished, and none of its 2 files was retrieved');
    },
    "the last close finishes too"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.close(session);
      t.found("warning", THROWN);
    },
    "all of it may be lost"(t) {
      t.states({ disposable: ["ram"] });
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.finish(session);
    },
    "a reaper discards on purpose"(t) {
      kexec(t, preserveRam(t).manager.pid);
      const reaper = t.start("reaper");
      const session = reaper.retrieveSession(reaper.open("/dev/liveupdate"), "vm1");
      reaper.finish(session);
    },
    "another VM's resume says nothing about this one"(t) {
      const { manager, luo } = preserveRam(t);
      manager.createSession(luo, "vm2");
      const next = retrieveAfterKexec(t, manager);
      next.manager.finish(next.session);
      t.found("warning", THROWN);
      t.add({ type: "marker", what: "vcpus_resumed", text: "vm2" });
    },
    "a session without files has nothing to lose"(t) {
      const { manager, luo } = startManager(t);
      manager.createSession(luo, "vm1");
      const next = retrieveAfterKexec(t, manager);
      next.manager.finish(next.session);
    },
  },
});
