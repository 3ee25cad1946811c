import { setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("api-auto-domain-for-liveupdate", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.attach(vm.cdev, vm.ioas);
    vm.vmm.preserve(vm.session, vm.cdev, 3n);
    t.found(
      "warning",
      "0000:3b:00.0 is preserved on iommufd#1/hwpt:4, which an attach to an IOAS made, " +
        "not HWPT_ALLOC",
    );
  },
  silent(t) {
    preservedVm(t);
  },
  cases: {
    "a device that arrived"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.attach(vm.cdev, vm.vmm.allocIoas(vm.iommufd));
      t.found(
        "warning",
        "0000:3b:00.0, which arrived, was attached to an IOAS, so to " +
          "vm1/iommufd#1/hwpt:4@boot2, which no HWPT_ALLOC made",
      );
    },
    "a VM that no update touches may do so"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.attach(vm.cdev, vm.ioas);
    },
  },
});
