import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB, NIC, ONE_NIC } from "../../support/vm.js";

const VF = { ...ONE_NIC, devices: [{ ...NIC, virtual_function: true }] };

function halfPreserved(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  return vm;
}

describeRule("dma-by-vf-preserved", {
  profile: "p2",
  machine: VF,
  fires(t) {
    const vm = halfPreserved(t);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: "ok" });
    t.found("error", 'virtual function 0000:3b:00.0 was preserved in session "vm1"');
  },
  silent(t) {
    const vm = halfPreserved(t);
    const refused = t.machine.profile.preserve.virtual_function;
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: refused ?? "EOPNOTSUPP" });
  },
});
