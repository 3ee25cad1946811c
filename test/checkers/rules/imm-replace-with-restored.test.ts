import { replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC } from "../../support/vm.js";

describeRule("imm-replace-with-restored", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    const left = t.last_seq;
    vm.vmm.attach(vm.cdev, restored);
    t.found(
      "error",
      "0000:3b:00.0 went back to restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2, " +
        `which it had left at event ${left}`,
    );
  },
  silent(t) {
    const { vm } = claimedVm(t);
    replaceDomain(vm);
    const ioas = vm.vmm.allocIoas(vm.iommufd);
    // A replace that is refused leaves the device where it is.
    vm.vmm.attach(vm.cdev, 99, { refused: "ENOENT" });
    vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, ioas));
  },
});
