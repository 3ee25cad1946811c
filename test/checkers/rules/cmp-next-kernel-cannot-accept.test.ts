import { boot, kexec, preserveRam, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("cmp-next-kernel-cannot-accept", {
  profile: "luo73",
  fires(t) {
    const { manager } = preserveRam(t);
    kexec(t, manager.pid, { missing_handlers: ["memfd-v2"] });
    t.found("error", "the next kernel has no handler for memfd-v2: 1 session cannot be fetched");
  },
  silent(t) {
    const { manager } = preserveRam(t);
    // A handler that nobody needs is not missed.
    kexec(t, manager.pid, { missing_handlers: ["iommufd-v1"] });
  },
  cases: {
    "live update is off"(t) {
      const { manager } = preserveRam(t);
      kexec(t, manager.pid, { liveupdate: false });
      t.found("error", "the next kernel runs without live update: 1 session cannot be fetched");
    },
    "another ABI ends in a panic"(t) {
      const { manager } = preserveRam(t);
      kexec(t, manager.pid, { luo_abi_matches: false });
      t.found("error", "the next kernel's live update has another ABI: its panic loses 1 session");
      boot(t, "crash");
    },
    "without sessions anything may follow"(t) {
      const { manager } = startManager(t);
      kexec(t, manager.pid, { liveupdate: false });
    },
  },
});
