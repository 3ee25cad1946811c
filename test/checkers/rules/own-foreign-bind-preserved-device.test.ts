import {
  claimDomain,
  finish,
  replaceDomain,
  retrieveFiles,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { ONE_NIC, vmAfterKexec } from "../../support/vm.js";

describeRule("own-foreign-bind-preserved-device", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    const foreign = vm.vmm.open("/dev/iommu");
    vm.vmm.bind(vm.cdev, foreign, { kernel: "ok" });
    t.found(
      "error",
      '0000:3b:00.0 arrived in session "vm1"@boot2 and was bound to iommufd#2@boot2, which ' +
        "did not",
    );
  },
  silent(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    const foreign = vm.vmm.open("/dev/iommu");
    vm.vmm.bind(vm.cdev, foreign, { refused: "EPERM" });
    claimDomain(vm);
  },
  cases: {
    "when the update is over, the device is free for anybody"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      const restored = claimDomain(vm);
      replaceDomain(vm);
      vm.vmm.destroy(vm.iommufd, restored);
      finish(vm);
      vm.vmm.close(vm.cdev);
      vm.vmm.close(vm.iommufd);
      const other = t.start("vmm");
      other.bind(other.open("/dev/vfio/devices/vfio0"), other.open("/dev/iommu"));
    },
  },
});
