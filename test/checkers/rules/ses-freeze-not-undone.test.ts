import { setup, type Vm } from "../../../src/replay/scenario/blocks.js";
import { marker } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import {
  busMaster,
  dma,
  jumpOver,
  NIC2,
  preservedVm,
  setInterrupts,
  TWO_NICS,
} from "../../support/vm.js";

/** A kexec that the second device refuses, because its interrupts are on. */
function failedKexec(t: Story): Vm {
  const vm = preservedVm(t);
  const { vmm, iommufd, session } = vm;
  const cdev = vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
  vmm.bind(cdev, iommufd);
  vmm.preserve(session, cdev, 4n);
  setInterrupts({ ...vm, cdev }, true);
  t.add({ type: "kexec_load", pid: vm.manager.pid, how: "kexec_file_load", ret: 0 });
  t.call({ type: "reboot", pid: vm.manager.pid, cmd: "kexec" }, { refused: "EINVAL" });
  setInterrupts({ ...vm, cdev }, false);
  return vm;
}

describeRule("ses-freeze-not-undone", {
  profile: "p1v5",
  machine: TWO_NICS,
  fires(t) {
    failedKexec(t);
    marker(t, "vcpus_resumed");
    t.found(
      "warning",
      "the VM resumed, and 0000:3b:00.0 is still stopped: the kexec that " +
        "vm1/device 0000:3c:00.0 refused did it",
    );
  },
  silent(t) {
    failedKexec(t);
    busMaster(t, true);
    marker(t, "vcpus_resumed");
    dma(t, "write", 0x1000n);
  },
  cases: {
    "its DMA gets nowhere"(t) {
      failedKexec(t);
      dma(t, "write", 0x1000n, "fault");
      t.found(
        "warning",
        "0000:3b:00.0 does not reach 0x1000: it is stopped since the kexec that " +
          "vm1/device 0000:3c:00.0 refused",
      );
    },
    "nobody observed it, and nothing can have moved"(t) {
      failedKexec(t);
      dma(t, "write", 0x1000n, "unknown");
      t.found(
        "warning",
        "0000:3b:00.0 does not reach 0x1000: it is stopped since the kexec that " +
          "vm1/device 0000:3c:00.0 refused",
      );
    },
    "the kexec is tried again and succeeds"(t) {
      jumpOver(failedKexec(t));
      marker(t, "vcpus_resumed");
    },
    "a device that was stopped before"(t) {
      const vm = setup(t);
      busMaster(t, false);
      const { vmm, session, memfd, iommufd } = vm;
      vmm.preserve(session, memfd, 1n);
      vmm.preserve(session, iommufd, 2n);
      vmm.preserve(session, vm.cdev, 3n);
      const cdev = vmm.open(`/dev/vfio/devices/${NIC2.cdev}`);
      vmm.bind(cdev, iommufd);
      vmm.preserve(session, cdev, 4n);
      setInterrupts({ ...vm, cdev }, true);
      t.call({ type: "reboot", pid: vm.manager.pid, cmd: "kexec" }, { refused: "EINVAL" });
      marker(t, "vcpus_resumed");
    },
  },
});
