import { MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("api-mark-never-preserved", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "info",
      "iommufd#1/hwpt:3 is marked, but its iommufd is in no session: the mark has no effect",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
  cases: {
    "destroyed before the kexec"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.destroy(vm.iommufd, vm.hwpt);
      jumpOver(vm);
    },
  },
});
