import { boot, kexec, preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("trace-kexec-without-reboot", {
  profile: "luo73",
  fires(t) {
    preserveRam(t);
    boot(t, "kexec");
    t.found("error", "kernel 2 came by kexec, but nobody called reboot(KEXEC) before it");
  },
  silent(t) {
    const { manager } = preserveRam(t);
    kexec(t, manager.pid);
    boot(t, "crash");
    boot(t, "cold");
  },
  cases: {
    "a call that failed did not bring it"(t) {
      const { manager } = preserveRam(t);
      t.add({ type: "reboot", pid: manager.pid, cmd: "kexec", ret: -1, errno: "EINVAL" });
      boot(t, "kexec");
      t.found("error", "kernel 2 came by kexec, but nobody called reboot(KEXEC) before it");
    },
  },
});
