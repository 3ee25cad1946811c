import { DEVICE_TOKEN, IOMMUFD_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("cmp-mapped-memory-not-preserved", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      "vm1/iommufd#1/hwpt:token=0x4d crosses with 0000:3b:00.0 and maps 0x0..0x3fffff, " +
        "whose memory is not handed over",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
  cases: {
    "no device crosses with it"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "warning",
        "vm1/iommufd#1/hwpt:token=0x4d crosses without a device and maps 0x0..0x3fffff, " +
          "whose memory is not handed over",
      );
    },
    "a page table that does not cross takes nothing along"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      jumpOver(vm);
    },
  },
});
