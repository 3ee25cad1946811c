import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

const FREE = { iova: 16n * MIB, length_bytes: MIB };

describeRule("imm-map-on-preserved-ioas", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, ioas, memfd } = preservedVm(t);
    vmm.mapFile(iommufd, { ioas, memfd, ...FREE }, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_IOAS_MAP_FILE changed vm1/iommufd#1/ioas:2, whose page table " +
        "vm1/iommufd#1/hwpt:token=0x4d is preserved",
    );
  },
  silent(t) {
    const { vmm, manager, manager_session, session, iommufd, ioas, memfd } = preservedVm(t);
    vmm.mapFile(iommufd, { ioas, memfd, ...FREE }, { refused: "EBUSY" });
    // Another IOAS is free to change, also with what is mapped here.
    const other = vmm.allocIoas(iommufd);
    vmm.mapFile(iommufd, { ioas: other, memfd, ...FREE });
    const copy = { dst_ioas_id: other, src_ioas_id: ioas, length: MIB, dst_iova: 0n, src_iova: 0n };
    vmm.ioctl(iommufd, "IOMMU_IOAS_COPY", { flags: 7, ...copy });
    // Without the session it is as it was before.
    vmm.close(session);
    manager.close(manager_session);
    vmm.mapFile(iommufd, { ioas, memfd, ...FREE });
  },
  cases: {
    "a copy into it is a mapping as well"(t) {
      const { vmm, iommufd, ioas, memfd } = preservedVm(t);
      const other = vmm.allocIoas(iommufd);
      vmm.mapFile(iommufd, { ioas: other, memfd, iova: 0n, length_bytes: MIB });
      const copy = { dst_ioas_id: ioas, src_ioas_id: other, length: MIB, src_iova: 0n };
      const args = { flags: 7, ...copy, dst_iova: FREE.iova };
      vmm.ioctl(iommufd, "IOMMU_IOAS_COPY", args, { kernel: "ok" });
      t.found(
        "error",
        "IOMMU_IOAS_COPY changed vm1/iommufd#1/ioas:2, whose page table " +
          "vm1/iommufd#1/hwpt:token=0x4d is preserved",
      );
    },
  },
});
