import { DEVICE_TOKEN, preserve, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC, NIC2, ONE_NIC, preservedVm } from "../../support/vm.js";

/** A device that is bound and not attached is preserved. */
function preservedUnattached(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.detach(vm.cdev);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  return vm;
}

/** A second function of the card is in its group, and on its page table. */
function withSibling(t: Story) {
  t.add({ type: "machine", facts: { devices: [NIC, { ...NIC2, group: Number(NIC.group) }] } });
  const vm = setup(t, { memory_bytes: 4n * MIB });
  const { vmm, iommufd } = vm;
  const sibling = vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
  vmm.bind(sibling, iommufd);
  vmm.attach(sibling, vm.hwpt);
  const other = vmm.allocHwpt(iommufd, vm.device_id, vm.ioas);
  preserve(vm);
  return { vmm, sibling, other };
}

describeRule("imm-device-attachment-changed-after-preserve", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, cdev } = preservedVm(t);
    vmm.detach(cdev, { kernel: "ok" });
    t.found(
      "error",
      "VFIO_DEVICE_DETACH_IOMMUFD_PT changed the attachment of 0000:3b:00.0, which is preserved",
    );
  },
  silent(t) {
    const { vmm, manager, manager_session, session, cdev, hwpt } = preservedVm(t);
    vmm.detach(cdev, { refused: "EBUSY" });
    vmm.attach(cdev, hwpt, { refused: "EBUSY" });
    vmm.close(session);
    manager.close(manager_session);
    vmm.detach(cdev);
  },
  cases: {
    "a device that was preserved without a table gets one"(t) {
      const vm = preservedUnattached(t);
      vm.vmm.attach(vm.cdev, vm.hwpt);
      t.found(
        "warning",
        "0000:3b:00.0 was preserved without a page table: iommufd#1/hwpt:3 does not cross with it",
      );
      vm.vmm.detach(vm.cdev);
    },
    "a detach of what is not attached changes nothing"(t) {
      const vm = preservedUnattached(t);
      vm.vmm.detach(vm.cdev);
      jumpOver(vm);
    },
    "a sibling takes the table of the whole group away"(t) {
      const { vmm, sibling, other } = withSibling(t);
      vmm.attach(sibling, other, { kernel: "ok" });
      t.found(
        "error",
        "VFIO_DEVICE_ATTACH_IOMMUFD_PT changed the attachment of 0000:3b:00.0, which is preserved",
      );
    },
    "a sibling is refused, too"(t) {
      const { vmm, sibling, other } = withSibling(t);
      vmm.attach(sibling, other, { refused: "EBUSY" });
    },
  },
});
