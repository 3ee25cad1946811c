import { boot, kexec, preserveRam, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("cmp-image-without-kho", {
  profile: "luo73",
  fires(t) {
    const { manager } = preserveRam(t);
    kexec(t, manager.pid, {}, "kexec_load");
    t.foundAt(
      t.last_seq - 1,
      "error",
      "the image was loaded with kexec_load, which carries no KHO data: 1 session will not arrive",
    );
  },
  silent(t) {
    const { manager } = preserveRam(t);
    const { pid } = manager;
    // The image loaded last is the one that runs.
    t.add({ type: "kexec_load", pid, how: "kexec_load", ret: 0 });
    kexec(t, pid);
  },
  cases: {
    "the next kernel was started without KHO"(t) {
      const { manager } = preserveRam(t);
      kexec(t, manager.pid, { kho: false });
      t.found("error", "the next kernel runs without KHO: 1 session did not arrive");
    },
    "without sessions the old system call does no harm"(t) {
      const { manager } = startManager(t);
      kexec(t, manager.pid, { kho: false }, "kexec_load");
    },
    "a load that failed does not count"(t) {
      const { manager } = preserveRam(t);
      const { pid } = manager;
      t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
      t.add({ type: "kexec_load", pid, how: "kexec_load", ret: -1, errno: "EPERM" });
      t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
      boot(t, "kexec");
    },
  },
});
