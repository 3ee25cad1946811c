import { replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, MIB, ONE_NIC } from "../../support/vm.js";

const HANDLE = "vm1/iommufd#1/hwpt:token=0x4d@boot2, the handle of a restored domain";

describeRule("api-map-restored-hwpt", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, restored } = claimedVm(t);
    const more = { ioas: restored, memfd: vm.memfd, iova: 16n * MIB, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, more, { refused: "ENOENT" });
    t.found("warning", `IOMMU_IOAS_MAP_FILE names ${HANDLE}, which is no IOAS`);
  },
  silent(t) {
    const { vm } = claimedVm(t);
    replaceDomain(vm);
    const more = { ioas: vm.ioas, memfd: vm.memfd, iova: 16n * MIB, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, more);
    // An ordinary page table is no IOAS either; that is no matter of live update.
    vm.vmm.mapFile(vm.iommufd, { ...more, ioas: vm.hwpt }, { refused: "ENOENT" });
  },
  cases: {
    "a kernel that accepts it breaks the rule"(t) {
      const { vm, restored } = claimedVm(t);
      vm.vmm.unmap(vm.iommufd, restored, 0n, MIB, { kernel: "ok" });
      t.found("error", `the kernel accepted IOMMU_IOAS_UNMAP on ${HANDLE}`);
    },
  },
});
