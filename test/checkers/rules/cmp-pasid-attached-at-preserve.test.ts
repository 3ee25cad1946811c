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

const FLAG_PASID = 1;
const PASID = 5;

/** Everything but the device is preserved. */
function halfPreserved(t: Story): Vm {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  return vm;
}

function attachPasid({ vmm, cdev, hwpt }: Vm): void {
  const args = { argsz: 16, flags: FLAG_PASID, pt_id: hwpt, pasid: PASID };
  vmm.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", args, { kernel: "ok" });
}

function detachPasid({ vmm, cdev }: Vm): void {
  const args = { argsz: 12, flags: FLAG_PASID, pasid: PASID };
  vmm.ioctl(cdev, "VFIO_DEVICE_DETACH_IOMMUFD_PT", args, { kernel: "ok" });
}

const ATTACHED = "0000:3b:00.0 is preserved and has PASID 5 attached, which does not cross";

describeRule("cmp-pasid-attached-at-preserve", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = halfPreserved(t);
    attachPasid(vm);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    t.found("error", ATTACHED);
  },
  silent(t) {
    const vm = halfPreserved(t);
    attachPasid(vm);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: "EOPNOTSUPP" });
    detachPasid(vm);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  },
  cases: {
    "attached afterwards"(t) {
      attachPasid(preservedVm(t));
      t.found("error", ATTACHED);
    },
  },
});
