import { retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

describeRule("api-id-reused-across-kexec", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    // The page table of the kernel before was HWPT 3.
    vm.vmm.attach(vm.cdev, 3, { refused: "ENOENT" });
    t.found(
      "warning",
      "VFIO_DEVICE_ATTACH_IOMMUFD_PT uses id 3 on vm1/iommufd#1@boot2, where nothing has " +
        "it; it was known before the kexec",
    );
  },
  silent(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    vm.vmm.destroy(vm.iommufd, 77, { refused: "ENOENT" });
    // Given out in this kernel and destroyed again: an id of this kernel.
    const ioas = vm.vmm.allocIoas(vm.iommufd);
    vm.vmm.destroy(vm.iommufd, ioas);
    vm.vmm.destroy(vm.iommufd, ioas, { refused: "ENOENT" });
  },
});
