import { preserve } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, ONE_NIC, preservedVm } from "../../support/vm.js";

/** A second page table of the VM is marked when its iommufd is preserved already. */
function markLate(t: Story) {
  const vm = preservedVm(t);
  const hwpt = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
  vm.vmm.mark(vm.iommufd, hwpt, 78n);
  return vm;
}

describeRule("cmp-marked-after-iommufd-preserve", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    jumpOver(markLate(t));
    t.foundAt(
      t.last_seq - 1,
      "error",
      "vm1/iommufd#1/hwpt:4 was marked with token 0x4e when its iommufd was preserved already",
    );
  },
  silent(t) {
    const vm = markLate(t);
    // The update starts over, with both marks.
    vm.vmm.close(vm.session);
    vm.manager.close(vm.manager_session);
    vm.manager_session = vm.manager.createSession(vm.luo, "vm1");
    vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
    preserve(vm);
    jumpOver(vm);
  },
  cases: {
    "another token for a page table that is preserved already"(t) {
      const vm = preservedVm(t);
      vm.vmm.mark(vm.iommufd, vm.hwpt, 99n);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        "vm1/iommufd#1/hwpt:token=0x4d was marked with token 0x63 when its iommufd was " +
          "preserved already",
      );
    },
    "without a kexec nothing is lost"(t) {
      markLate(t);
    },
    "a page table that is gone by then"(t) {
      const vm = preservedVm(t);
      const hwpt = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
      vm.vmm.mark(vm.iommufd, hwpt, 78n);
      vm.vmm.destroy(vm.iommufd, hwpt);
      jumpOver(vm);
    },
  },
});
