import { finish, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { claimedVm, MIB, ONE_NIC } from "../../support/vm.js";

/** An empty page table replaces the restored one. */
function replaceEmpty(t: Story) {
  const { vm } = claimedVm(t);
  const ioas = vm.vmm.allocIoas(vm.iommufd);
  vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, ioas));
  return { vm, ioas };
}

describeRule("dma-replaced-too-early", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, ioas } = replaceEmpty(t);
    const mapping = { ioas, memfd: vm.memfd, iova: 0n, length_bytes: 4n * MIB };
    vm.vmm.mapFile(vm.iommufd, mapping);
    t.found(
      "warning",
      "0x0..0x3fffff of vm1/iommufd#1/ioas:3@boot2 was mapped only after " +
        "vm1/iommufd#1/hwpt:4@boot2 on it had replaced restored domain " +
        "vm1/iommufd#1/hwpt:token=0x4d@boot2",
    );
  },
  silent(t) {
    const { vm } = claimedVm(t);
    replaceDomain(vm);
    // Memory that is plugged in later was not in the restored table.
    const more = { ioas: vm.ioas, memfd: vm.memfd, iova: 64n * MIB, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, more);
  },
  cases: {
    "what is mapped after the device has left is in nobody's way"(t) {
      const { vm, ioas } = replaceEmpty(t);
      vm.vmm.detach(vm.cdev);
      const mapping = { ioas, memfd: vm.memfd, iova: 0n, length_bytes: 4n * MIB };
      vm.vmm.mapFile(vm.iommufd, mapping);
    },
    "the device moved on to a third table"(t) {
      const { vm, ioas } = replaceEmpty(t);
      const other = vm.vmm.allocIoas(vm.iommufd);
      vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, other));
      const mapping = { ioas, memfd: vm.memfd, iova: 0n, length_bytes: 4n * MIB };
      vm.vmm.mapFile(vm.iommufd, mapping);
    },
    "after FINISH the guest may map and unmap as it likes"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      finish(vm);
      vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB);
      const again = { ioas: vm.ioas, memfd: vm.memfd, iova: 0n, length_bytes: MIB };
      vm.vmm.mapFile(vm.iommufd, again);
    },
  },
});
