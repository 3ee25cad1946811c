import { DEVICE_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

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
    "a detach of what is not attached changes nothing"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
      vm.vmm.detach(vm.cdev);
      vm.vmm.attach(vm.cdev, vm.hwpt);
      t.found(
        "error",
        "VFIO_DEVICE_ATTACH_IOMMUFD_PT changed the attachment of 0000:3b:00.0, which is preserved",
      );
    },
  },
});
