import { IOMMUFD_TOKEN, MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { busMaster, jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

/** The device moves to a page table without a mark before the iommufd is preserved. */
function moveOff(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  const hwpt = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
  vm.vmm.attach(vm.cdev, hwpt);
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  return vm;
}

describeRule("cmp-hwpt-not-marked", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    jumpOver(moveOff(t));
    t.foundAt(
      t.last_seq - 1,
      "error",
      "vm1/iommufd#1/hwpt:4, which 0000:3b:00.0 uses, is not marked: its iommufd crosses " +
        "without it",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
  cases: {
    "a device that was stopped and stays behind"(t) {
      const vm = moveOff(t);
      busMaster(t, false);
      jumpOver(vm);
    },
    "an iommufd that does not cross"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas));
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      jumpOver(vm);
    },
  },
  under: {
    seed: {
      "user space labels what is to cross"(t) {
        jumpOver(moveOff(t));
        t.foundAt(
          t.last_seq - 1,
          "error",
          "vm1/iommufd#1/hwpt:4, which 0000:3b:00.0 uses, is not marked: " +
            "its iommufd crosses without it",
        );
      },
    },
  },
});
