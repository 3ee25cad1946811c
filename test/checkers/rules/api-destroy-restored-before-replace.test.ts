import { replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC } from "../../support/vm.js";

const HANDLE = "vm1/iommufd#1/hwpt:token=0x4d@boot2";

describeRule("api-destroy-restored-before-replace", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, restored } = claimedVm(t);
    vm.vmm.destroy(vm.iommufd, restored, { refused: "EBUSY" });
    t.found("warning", `IOMMU_DESTROY of ${HANDLE} was refused: it still translates for a device`);
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    // An ordinary page table in use is api-destroy-in-use.
    vm.vmm.destroy(vm.iommufd, vm.hwpt, { refused: "EBUSY" });
    vm.vmm.destroy(vm.iommufd, restored);
  },
  cases: {
    "a kernel that destroys it breaks the rule"(t) {
      const { vm, restored } = claimedVm(t);
      vm.vmm.destroy(vm.iommufd, restored, { kernel: "ok" });
      t.found("error", `the kernel destroyed ${HANDLE} although it still translates for a device`);
    },
  },
});
