import {
  claimDomain,
  done,
  replaceDomain,
  retrieveFiles,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { NIC, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

function bindDriver(t: Story, driver: string, result: object): void {
  t.add({ type: "driver_bind", device: NIC.bdf, driver, ...result });
}

describeRule("own-kernel-driver-on-preserved-device", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    vmAfterKexec(t);
    bindDriver(t, "nvme", { ret: 0 });
    t.found(
      "error",
      "driver nvme was bound to 0000:3b:00.0, for which restored domain " +
        "vm1/iommufd#1/hwpt:token=0x4d@boot2 translates",
    );
  },
  silent(t) {
    vmAfterKexec(t);
    bindDriver(t, "nvme", { ret: -1, errno: "EBUSY" });
    // It leaves the device's DMA to user space.
    bindDriver(t, "vfio-pci", { ret: 0 });
  },
  cases: {
    "once the domain is gone, any driver may come"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      const restored = claimDomain(vm);
      replaceDomain(vm);
      done(vm, restored);
      vm.vmm.close(vm.cdev);
      vm.vmm.close(vm.iommufd);
      bindDriver(t, "nvme", { ret: 0 });
    },
  },
});
