import { preserve, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, ONE_NIC } from "../../support/vm.js";

const NESTED_ID = 9;

/** The guest has a page table of its own, and its device uses it. */
function nestedVm(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  const args = { dev_id: vm.device_id, pt_id: vm.hwpt, data_type: 1, data_len: 24 };
  const event = { type: "ioctl", pid: vm.vmm.pid, fd: vm.iommufd, op: "IOMMU_HWPT_ALLOC" } as const;
  t.add({ ...event, in: args, ret: 0, out: { out_hwpt_id: NESTED_ID } });
  t.contradicted.push(t.last_seq);
  vm.vmm.attach(vm.cdev, NESTED_ID, { kernel: "ok" });
  return vm;
}

describeRule("cmp-nested-not-preserved", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = nestedVm(t);
    preserve(vm);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      "0000:3b:00.0 crosses while it uses iommufd#1/hwpt-nested:9: " +
        "only its parent iommufd#1/hwpt:3 crosses with it",
    );
  },
  silent(t) {
    const vm = nestedVm(t);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    preserve(vm);
    jumpOver(vm);
  },
  cases: {
    "a PASID's own table does not change that of the device"(t) {
      const vm = nestedVm(t);
      const args = { pt_id: vm.hwpt, flags: 1, pasid: 5 };
      vm.vmm.ioctl(vm.cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", args, { kernel: "ok" });
      preserve(vm);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        "0000:3b:00.0 crosses while it uses iommufd#1/hwpt-nested:9: " +
          "only its parent iommufd#1/hwpt:3 crosses with it",
      );
    },
    "an id is another object once the guest's table is destroyed"(t) {
      const vm = nestedVm(t);
      vm.vmm.attach(vm.cdev, vm.hwpt);
      vm.vmm.ioctl(vm.iommufd, "IOMMU_DESTROY", { id: NESTED_ID }, { kernel: "ok" });
      vm.vmm.attach(vm.cdev, NESTED_ID, { kernel: "ok" });
      preserve(vm);
      jumpOver(vm);
    },
  },
});
