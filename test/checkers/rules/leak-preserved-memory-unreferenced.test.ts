import { kexec, marker, memfd, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** Two memfds arrive in one session, which is retrieved. */
function twoArrived(t: Story) {
  const { manager, session } = preserveRam(t);
  manager.preserve(session, memfd(manager, "rest"), 2n);
  return retrieveAfterKexec(t, manager);
}

describeRule("leak-preserved-memory-unreferenced", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = twoArrived(t);
    manager.retrieve(session, 1n);
    marker(t, "clean_end");
    t.found(
      "info",
      'the memory of token 0x2 of session "vm1"@boot2 was neither retrieved nor given back ' +
        "by FINISH",
    );
  },
  silent(t) {
    const { manager, session } = twoArrived(t);
    manager.retrieve(session, 1n);
    manager.finish(session);
    marker(t, "clean_end");
  },
  cases: {
    "a session that nobody asked for has a rule of its own"(t) {
      kexec(t, preserveRam(t).manager.pid);
      marker(t, "clean_end");
    },
    "memory that may be lost"(t) {
      t.states({ disposable: ["rest"] });
      const { manager, session } = twoArrived(t);
      manager.retrieve(session, 1n);
      marker(t, "clean_end");
    },
    "a trace that just stops proves nothing"(t) {
      twoArrived(t);
    },
    "a kernel without live update keeps it reserved"(t) {
      kexec(t, preserveRam(t).manager.pid, { liveupdate: false });
      marker(t, "clean_end");
      t.found(
        "info",
        'the memory of token 0x1 of session "vm1"@boot2 arrived in a kernel that cannot hand ' +
          "it out",
      );
    },
    "a kernel without KHO does not even reserve it"(t) {
      kexec(t, preserveRam(t).manager.pid, { liveupdate: false, kho: false });
      marker(t, "clean_end");
    },
    "sessions that cannot be read"(t) {
      kexec(t, preserveRam(t).manager.pid, { missing_handlers: ["memfd-v2"] });
      t.start("manager").open("/dev/liveupdate", { refused: "EIO" });
      marker(t, "clean_end");
      t.found(
        "info",
        'the memory of token 0x1 of session "vm1"@boot2 arrived in a kernel that cannot hand ' +
          "it out",
      );
    },
  },
});
