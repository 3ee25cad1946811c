import {
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  preserve,
  setup,
  type Vm,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC2, TWO_NICS } from "../../support/vm.js";

/** A second card on the page table of the first. */
function addSecond(t: Story, vm: Vm): number {
  const cdev = vm.vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
  vm.vmm.bind(cdev, vm.iommufd);
  vm.vmm.attach(cdev, vm.hwpt);
  t.add({ type: "bus_master", device: NIC2.bdf, enabled: true });
  return cdev;
}

function closeSession(vm: Vm): void {
  vm.vmm.close(vm.session);
  vm.manager.close(vm.manager_session);
}

describeRule("cmp-device-not-preserved", {
  profile: "rfc2",
  machine: TWO_NICS,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    addSecond(t, vm);
    preserve(vm);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      "0000:3c:00.0 is attached to vm1/iommufd#1/hwpt:token=0x4d, which crosses, may do " +
        "DMA, and is not preserved",
    );
  },
  silent(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const second = addSecond(t, vm);
    preserve(vm);
    vm.vmm.preserve(vm.session, second, 4n);
    jumpOver(vm);
  },
  cases: {
    "a device that may do no DMA stays behind without harm"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      addSecond(t, vm);
      preserve(vm);
      t.add({ type: "bus_master", device: NIC2.bdf, enabled: false });
      jumpOver(vm);
    },
    "a page table that does not cross needs no device to"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      jumpOver(vm);
    },
    "the session it was in is closed, and it goes on"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      preserve(vm);
      closeSession(vm);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        '0000:3b:00.0 was in session "vm1", which was closed, and may do DMA: it does not cross',
      );
    },
    "the session is closed because the update is called off"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      preserve(vm);
      t.add({ type: "marker", what: "cancel" });
      closeSession(vm);
      jumpOver(vm);
    },
    "the session is closed, and the device detached"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      preserve(vm);
      closeSession(vm);
      vm.vmm.detach(vm.cdev);
      jumpOver(vm);
    },
    "the session is closed, and the device stopped"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      preserve(vm);
      closeSession(vm);
      t.add({ type: "bus_master", device: vm.device.bdf, enabled: false });
      jumpOver(vm);
    },
    "another session takes it"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      preserve(vm);
      closeSession(vm);
      vm.manager_session = vm.manager.createSession(vm.luo, "again");
      vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
      preserve(vm);
      jumpOver(vm);
    },
    "the only device may be the one that was forgotten"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        "0000:3b:00.0 is attached to vm1/iommufd#1/hwpt:token=0x4d, which crosses, may do " +
          "DMA, and is not preserved",
      );
    },
  },
});
