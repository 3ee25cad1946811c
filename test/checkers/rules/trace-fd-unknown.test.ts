import { describeRule } from "../../support/rule-test.js";

describeRule("trace-fd-unknown", {
  profile: "luo73",
  fires(t) {
    const vmm = t.start("vmm");
    vmm.destroy(9, 1, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_DESTROY uses descriptor 9 of pid 100, which nothing before has opened",
      2,
    );
    vmm.destroy(9, 2, { kernel: "ENOENT" });
  },
  silent(t) {
    const vmm = t.start("vmm");
    t.add({ type: "open", pid: vmm.pid, path: "/tmp/log", flags: 2, ret: 3 });
    vmm.destroy(3, 1, { refused: "ENOTTY" });
    // The kernel did not know these either: the program's mistake.
    vmm.destroy(9, 1, { refused: "EBADF" });
    vmm.destroy(-1, 1, { refused: "EBADF" });
  },
  cases: {
    "a child has its parent's descriptors"(t) {
      const manager = t.start("manager");
      t.add({ type: "open", pid: manager.pid, path: "/tmp/log", flags: 2, ret: 3 });
      manager.spawn("vmm").destroy(3, 1, { refused: "ENOTTY" });
    },
    "a descriptor that a call names"(t) {
      const vmm = t.start("vmm");
      const iommufd = vmm.open("/dev/iommu");
      const ioas = vmm.allocIoas(iommufd);
      const args = { ioas, memfd: 9, iova: 0n, length_bytes: 0x1000n };
      vmm.mapFile(iommufd, args, { kernel: "ok" });
      t.found(
        "error",
        "IOMMU_IOAS_MAP_FILE uses descriptor 9 of pid 100, which nothing before has opened",
      );
      vmm.mapFile(iommufd, { ...args, memfd: 10 }, { refused: "EBADF" });
    },
    "after a loss of events it is only information"(t) {
      const vmm = t.start("vmm");
      t.add({ type: "lost_events" });
      vmm.destroy(9, 1, { kernel: "ok" });
      t.found(
        "info",
        "IOMMU_DESTROY uses descriptor 9 of pid 100, which nothing before has opened" +
          "; events were lost before, so this may be wrong",
      );
    },
  },
});
