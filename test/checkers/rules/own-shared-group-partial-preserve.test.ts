import { preserve, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC, NIC2 } from "../../support/vm.js";

const SIBLING = { ...NIC2, group: NIC.group ?? 0 };
const ONE_GROUP = { page_size: 4096, iommu: "intel", devices: [NIC, SIBLING] };

/** A VM with both functions of the group. */
function twoFunctions(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  const cdev = vm.vmm.open(`/dev/vfio/devices/${SIBLING.cdev}`);
  vm.vmm.bind(cdev, vm.iommufd);
  vm.vmm.attach(cdev, vm.hwpt);
  preserve(vm);
  return { vm, cdev };
}

describeRule("own-shared-group-partial-preserve", {
  profile: "p2",
  machine: ONE_GROUP,
  fires(t) {
    const { vm } = twoFunctions(t);
    t.add({ type: "bus_master", device: SIBLING.bdf, enabled: true });
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      "0000:3c:00.0 shares the group of 0000:3b:00.0, which crosses, and is not preserved itself",
    );
  },
  silent(t) {
    const { vm, cdev } = twoFunctions(t);
    t.add({ type: "bus_master", device: SIBLING.bdf, enabled: true });
    vm.vmm.preserve(vm.session, cdev, 4n);
    jumpOver(vm);
  },
  cases: {
    "a function that does no DMA does no harm"(t) {
      const { vm } = twoFunctions(t);
      jumpOver(vm);
    },
  },
});
