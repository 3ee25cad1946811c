import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("ses-order-violation", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { refused: "EINVAL" });
    t.found(
      "warning",
      'device 0000:3b:00.0 was to be preserved before iommufd#1; session "vm1" does not ' +
        "hold it",
    );
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "ENOENT" });
    t.found(
      "warning",
      'iommufd#1 was to be preserved before memfd "ram"; session "vm1" does not hold it',
    );
  },
  silent(t) {
    preservedVm(t);
  },
  cases: {
    "a kernel that does not look breaks the rule"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
      t.found(
        "error",
        'vm1/iommufd#1 was preserved before memfd "ram", which nothing checks any more',
      );
    },
    "memory in another session is in the wrong order as well"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const ram = vm.manager.pass(vm.manager.createSession(vm.luo, "ram"), vm.vmm);
      vm.vmm.preserve(ram, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "ENOENT" });
      t.found(
        "warning",
        'iommufd#1 was to be preserved before ram/memfd "ram"; session "vm1" does not hold it',
      );
    },
    "a device that is bound and not attached depends on nothing"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    },
    "an iommufd in another session is own-device-session-mismatch"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
      const other = vm.manager.pass(vm.manager.createSession(vm.luo, "dev"), vm.vmm);
      vm.vmm.preserve(other, vm.cdev, DEVICE_TOKEN, { refused: "ENOENT" });
    },
    "a kernel that takes memory of another session is cmp-memfd-not-in-same-session"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const ram = vm.manager.pass(vm.manager.createSession(vm.luo, "ram"), vm.vmm);
      vm.vmm.preserve(ram, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
    },
  },
  under: {
    seed: {
      "the agreed model asks for the memory first, too"(t) {
        const vm = setup(t, { memory_bytes: 4n * MIB });
        vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "ENOENT" });
        t.found(
          "warning",
          'iommufd#1 was to be preserved before memfd "ram"; session "vm1" does not hold it',
        );
      },
    },
  },
});
