import { kexec, memfd, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** A session with three memfds. */
function preserveThree(t: Story) {
  const { manager, luo, session } = preserveRam(t);
  manager.preserve(session, memfd(manager, "firmware"), 2n);
  manager.preserve(session, memfd(manager, "video"), 3n);
  return { manager, luo };
}

describeRule("leak-file-not-retrieved-at-finish", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveThree(t).manager);
    manager.retrieve(session, 1n);
    manager.finish(session);
    t.found(
      "warning",
      'FINISH of session "vm1"@boot2 throws away what was never retrieved: tokens 0x2, 0x3',
    );
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveThree(t).manager);
    for (const token of [3n, 1n, 2n]) manager.retrieve(session, token);
    manager.finish(session);
  },
  cases: {
    "the last close throws away as well"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.exit();
      void session;
      t.found(
        "warning",
        'the last close of session "vm1"@boot2 throws away what was never retrieved: token 0x1',
      );
    },
    "a reaper does so on purpose"(t) {
      kexec(t, preserveRam(t).manager.pid);
      const reaper = t.start("reaper");
      reaper.finish(reaper.retrieveSession(reaper.open("/dev/liveupdate"), "vm1"));
    },
    "what the header calls disposable may be lost"(t) {
      t.states({ disposable: ["firmware"] });
      const { manager, session } = retrieveAfterKexec(t, preserveThree(t).manager);
      manager.retrieve(session, 1n);
      manager.finish(session);
      t.found(
        "warning",
        'FINISH of session "vm1"@boot2 throws away what was never retrieved: token 0x3',
      );
    },
    "so may a session as a whole"(t) {
      t.states({ disposable: ["vm1"] });
      const { manager, session } = retrieveAfterKexec(t, preserveThree(t).manager);
      manager.finish(session);
    },
    "a session that is closed before the kexec throws nothing away"(t) {
      const { manager, session } = preserveRam(t);
      manager.close(session);
    },
  },
});
