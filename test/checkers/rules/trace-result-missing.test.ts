import { traceResultMissing as rule } from "../../../src/checkers/rules/trace-result-missing.js";
import { describeRule } from "../../support/rule-test.js";

describeRule(rule, {
  profile: "luo73",
  fires(t) {
    const vmm = t.process(10, "vmm");
    t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
    vmm.ioctl(3, "IOMMU_DESTROY", { id: 1 }, { errno: "ENOTTY", unrecorded: true });
    t.found(
      "warning",
      "IOMMU_DESTROY has no recorded result; the analysis goes on with the model's own answer",
      2,
    );
    vmm.ioctl(3, "IOMMU_DESTROY", { id: 2 }, { errno: "ENOTTY", unrecorded: true });
  },
  silent(t) {
    t.process(10, "vmm");
    t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
    t.add({ type: "kexec_load", how: "kexec_file_load" });
    t.add({ type: "reboot", cmd: "kexec", pid: 10, never_returned: true });
  },
  cases: {
    "a trace written by hand, without any result, means the model's answers"(t) {
      const vmm = t.process(10, "vmm");
      vmm.ioctl(3, "IOMMU_DESTROY", { id: 1 }, { errno: "EBADF", unrecorded: true });
    },
    "a reboot must say that it did not return"(t) {
      t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
      t.add({ type: "reboot", cmd: "restart", pid: 10 });
      t.found(
        "warning",
        "reboot has no recorded result; the analysis goes on with the model's own answer",
      );
    },
  },
});
