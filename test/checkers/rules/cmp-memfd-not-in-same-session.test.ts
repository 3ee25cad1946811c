import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("cmp-memfd-not-in-same-session", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const ram = vm.manager.pass(vm.manager.createSession(vm.luo, "ram"), vm.vmm);
    vm.vmm.preserve(ram, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: "ok" });
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      'vm1/iommufd#1/hwpt:token=0x4d crosses in session "vm1", ram/memfd "ram" which it ' +
        'maps in session "ram"',
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
});
