import { IOMMUFD_TOKEN, MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("cmp-domain-without-device", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "warning",
      'vm1/iommufd#1/hwpt:token=0x4d crosses in session "vm1" without a device: nothing ' +
        "will restore it",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
});
