import {
  claimDomain,
  done,
  fetchSession,
  preserve,
  replaceDomain,
  retrieveFiles,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC, NIC2, ONE_NIC, TWO_NICS, vmAfterKexec } from "../../support/vm.js";

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
    "a device that has left the domain, which still serves another"(t) {
      t.add({ type: "machine", facts: TWO_NICS });
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const { vmm, session } = vm;
      const second = vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
      vmm.bind(second, vm.iommufd);
      vmm.attach(second, vm.hwpt);
      preserve(vm);
      vmm.preserve(session, second, 4n);
      jumpOver(vm);
      fetchSession(vm);
      retrieveFiles(vm);
      claimDomain(vm);
      replaceDomain(vm);
      vm.vmm.detach(vm.cdev);
      vm.vmm.close(vm.cdev);
      bindDriver(t, "nvme", { ret: 0 });
      t.contradicted.push(t.last_seq);
      t.add({ type: "driver_bind", device: NIC2.bdf, driver: "nvme", ret: 0 });
      t.contradicted.push(t.last_seq);
      t.found(
        "error",
        "driver nvme was bound to 0000:3c:00.0, for which restored domain " +
          "vm1/iommufd#1/hwpt:token=0x4d@boot2 translates",
      );
    },
    "a sibling in the group translates through the domain, too"(t) {
      t.add({
        type: "machine",
        facts: { devices: [NIC, { ...NIC2, group: Number(NIC.group) }] },
      });
      vmAfterKexec(t);
      t.add({ type: "driver_bind", device: NIC2.bdf, driver: "nvme", ret: 0 });
      t.contradicted.push(t.last_seq);
      t.found(
        "error",
        "driver nvme was bound to 0000:3c:00.0, for which restored domain " +
          "vm1/iommufd#1/hwpt:token=0x4d@boot2 translates",
      );
    },
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
