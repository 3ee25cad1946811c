import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("leak-dead-token", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    const vmm = manager.spawn("vmm");
    const held = manager.pass(session, vmm);
    manager.retrieve(session, 1n);
    vmm.retrieve(held, 1n);
    vmm.finish(held);
    t.found(
      "info",
      'token 0x1 of session "vm1"@boot2 is open in 2 processes at FINISH: it lives until ' +
        "all of them close it",
    );
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    const vmm = manager.spawn("vmm");
    const held = manager.pass(session, vmm);
    manager.close(manager.retrieve(session, 1n));
    vmm.retrieve(held, 1n);
    vmm.finish(held);
  },
  cases: {
    "two descriptors of one process are one holder"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.retrieve(session, 1n);
      manager.retrieve(session, 1n);
      manager.finish(session);
    },
  },
});
