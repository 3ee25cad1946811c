import { kexec, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("trace-fd-survives-kexec", {
  profile: "luo73",
  fires(t) {
    const { manager, luo } = startManager(t);
    kexec(t, manager.pid);
    manager.createSession(luo, "vm1", { kernel: "ok" });
    t.found(
      "error",
      "LIVEUPDATE_IOCTL_CREATE_SESSION uses descriptor 3 of pid 100, " +
        "which was opened in the kernel before",
    );
  },
  silent(t) {
    const { manager, luo } = startManager(t);
    kexec(t, manager.pid);
    // The kernel does not know it, as it should be.
    manager.createSession(luo, "vm1", { refused: "EBADF" });
    const next = startManager(t);
    next.manager.createSession(next.luo, "vm1");
  },
});
