import {
  claimDomain,
  fetchSession,
  preserve,
  retrieveFiles,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC2, TWO_NICS } from "../../support/vm.js";

/** One card crosses with its domain; a second one is bound to the same iommufd. */
function withSecondCard(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  preserve(vm);
  jumpOver(vm);
  fetchSession(vm);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  const cdev = vm.vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
  const device = vm.vmm.bind(cdev, vm.iommufd);
  return { vm, restored, cdev, device };
}

describeRule("imm-attach-new-device-to-restored-domain", {
  profile: "p2",
  machine: TWO_NICS,
  fires(t) {
    const { vm, restored, cdev } = withSecondCard(t);
    vm.vmm.attach(cdev, restored);
    t.found(
      "error",
      "0000:3c:00.0 was attached to restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2, " +
        "which was not preserved for it",
    );
  },
  silent(t) {
    const { vm, cdev, device } = withSecondCard(t);
    const ioas = vm.vmm.allocIoas(vm.iommufd);
    vm.vmm.attach(cdev, vm.vmm.allocHwpt(vm.iommufd, device, ioas));
  },
});
