import { traceFdUnknown as rule } from "../../../src/checkers/rules/trace-fd-unknown.js";
import { describeRule } from "../../support/rule-test.js";

describeRule(rule, {
  profile: "luo73",
  fires(t) {
    const vmm = t.process(10, "vmm");
    vmm.ioctl(9, "IOMMU_DESTROY", { id: 1 }, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_DESTROY uses descriptor 9 of pid 10, which nothing before has opened",
      2,
    );
    vmm.ioctl(9, "IOMMU_DESTROY", { id: 2 }, { kernel: "ENOENT" });
  },
  silent(t) {
    const vmm = t.process(10, "vmm");
    const log = t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
    vmm.ioctl(
      Number(log.event.type === "open" && log.event.ret),
      "IOMMU_DESTROY",
      { id: 1 },
      {
        errno: "ENOTTY",
      },
    );
    // The kernel did not know these either: the program's mistake.
    vmm.ioctl(9, "IOMMU_DESTROY", { id: 1 }, { errno: "EBADF" });
    vmm.ioctl(-1, "IOMMU_DESTROY", { id: 1 }, { errno: "EBADF" });
  },
  cases: {
    "a child has its parent's descriptors"(t) {
      const vmm = t.process(10, "vmm");
      t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
      const child = vmm.fork(11);
      child.ioctl(3, "IOMMU_DESTROY", { id: 1 }, { errno: "ENOTTY" });
    },
    "after a loss of events it is only information"(t) {
      const vmm = t.process(10, "vmm");
      t.add({ type: "lost_events" });
      vmm.ioctl(9, "IOMMU_DESTROY", { id: 1 }, { kernel: "ok" });
      t.found(
        "info",
        "IOMMU_DESTROY uses descriptor 9 of pid 10, which nothing before has opened" +
          "; events were lost before, so this may be wrong",
      );
    },
  },
});
