import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("imm-unmap-on-preserved-ioas", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, ioas } = preservedVm(t);
    vmm.unmap(iommufd, ioas, 0n, 4n * MIB, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_IOAS_UNMAP removed 4194304 bytes from vm1/iommufd#1/ioas:2, whose page table " +
        "vm1/iommufd#1/hwpt:token=0x4d is preserved",
    );
  },
  silent(t) {
    const { vmm, manager, manager_session, session, iommufd, ioas } = preservedVm(t);
    vmm.unmap(iommufd, ioas, 0n, 4n * MIB, { refused: "EBUSY" });
    vmm.unmap(iommufd, ioas, 64n * MIB, MIB, { kernel: "ENOENT" });
    vmm.close(session);
    manager.close(manager_session);
    vmm.unmap(iommufd, ioas, 0n, 4n * MIB);
  },
  cases: {
    "all of it at once, and the trace does not say how much that was"(t) {
      const { vmm, iommufd, ioas } = preservedVm(t);
      const all = { ioas_id: ioas, iova: 0n, length: 2n ** 64n - 1n };
      const call = { type: "ioctl", pid: vmm.pid, fd: iommufd, op: "IOMMU_IOAS_UNMAP" } as const;
      t.add({ ...call, in: all, ret: 0 });
      t.found(
        "error",
        "IOMMU_IOAS_UNMAP removed 4194304 bytes from vm1/iommufd#1/ioas:2, whose page table " +
          "vm1/iommufd#1/hwpt:token=0x4d is preserved",
      );
    },
    "the end of the process unmaps nothing: LUO holds the iommufd"(t) {
      const { vmm } = preservedVm(t);
      vmm.exit();
    },
  },
});
