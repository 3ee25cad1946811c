import { IOMMUFD_TOKEN, MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB, ONE_NIC } from "../../support/vm.js";

/** A preserved page table that no device uses. */
function idle(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.detach(vm.cdev);
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  return vm;
}

describeRule("imm-destroy-preserved-hwpt", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = idle(t);
    vm.vmm.destroy(vm.iommufd, vm.hwpt, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_DESTROY of vm1/iommufd#1/hwpt:token=0x4d took effect although it is preserved",
    );
  },
  silent(t) {
    const vm = idle(t);
    vm.vmm.destroy(vm.iommufd, vm.hwpt, { refused: "EBUSY" });
    vm.vmm.close(vm.session);
    vm.manager.close(vm.manager_session);
    vm.vmm.destroy(vm.iommufd, vm.hwpt);
  },
  cases: {
    "a mark alone holds nothing"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.destroy(vm.iommufd, vm.hwpt);
    },
  },
});
