import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { busMaster, jumpOver, MIB, ONE_NIC } from "../../support/vm.js";

/** Memory and iommufd are preserved, the device is not yet. */
function halfPreserved(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  return vm;
}

const LEFT =
  "0000:3b:00.0 left vm1/iommufd#1/hwpt:token=0x4d after that was preserved: " +
  "no table crosses that translates for it";

describeRule("imm-device-left-preserved-hwpt", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = halfPreserved(t);
    vm.vmm.detach(vm.cdev);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    jumpOver(vm);
    t.foundAt(t.last_seq - 1, "warning", LEFT);
  },
  silent(t) {
    const vm = halfPreserved(t);
    vm.vmm.detach(vm.cdev);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    jumpOver(vm);
  },
  cases: {
    "it runs on another table and stays behind"(t) {
      const vm = halfPreserved(t);
      vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas));
      jumpOver(vm);
      t.foundAt(t.last_seq - 1, "warning", LEFT);
    },
    "it was stopped and stays behind"(t) {
      const vm = halfPreserved(t);
      vm.vmm.detach(vm.cdev);
      busMaster(t, false);
      jumpOver(vm);
    },
    "it left before the iommufd was preserved"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
      vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
      jumpOver(vm);
    },
    "the session was closed"(t) {
      const vm = halfPreserved(t);
      vm.vmm.detach(vm.cdev);
      vm.vmm.close(vm.session);
      vm.manager.close(vm.manager_session);
      jumpOver(vm);
    },
  },
});
