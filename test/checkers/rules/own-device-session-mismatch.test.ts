import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
  type Vm,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

/** Memory and iommufd are in the VM's session; there is another one. */
function halfPreserved(t: Story): { vm: Vm; other: number } {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  const held = vm.manager.createSession(vm.luo, "devices");
  return { vm, other: vm.manager.pass(held, vm.vmm) };
}

describeRule("own-device-session-mismatch", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, other } = halfPreserved(t);
    vm.vmm.preserve(other, vm.cdev, DEVICE_TOKEN, { kernel: "ok" });
    t.found(
      "error",
      '0000:3b:00.0 is preserved in session "devices", its iommufd in session "vm1"',
    );
  },
  silent(t) {
    const { vm, other } = halfPreserved(t);
    vm.vmm.preserve(other, vm.cdev, DEVICE_TOKEN, { refused: "ENOENT" });
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  },
  cases: {
    "a device that is not attached takes no domain along"(t) {
      const { vm, other } = halfPreserved(t);
      vm.vmm.detach(vm.cdev);
      vm.vmm.preserve(other, vm.cdev, DEVICE_TOKEN);
    },
    "all in one session"(t) {
      preservedVm(t);
    },
  },
});
