/** C. The jump does not come, or leads to nowhere. */

import { dma, jump, kexec, MIB, NIC, preserve, setup, type Vm } from "../blocks.js";
import { disableInterrupts, enableInterrupts } from "../process-calls.js";
import { KEPT_HWPT, VM1 } from "./names.js";
import { EVERY, type ScenarioPlan, type Tale, WITH_DEVICES } from "./plan.js";
import { bootKind, coldBoot, jumpWith, ramSession, rebootSeq } from "./turns.js";

const FREEZE_FAILS: ScenarioPlan = {
  id: "S25",
  slug: "freeze-fails-and-is-handled",
  title: "The device's interrupts are on, the kexec is refused; they go off and it is tried again.",
  shows: "One device with interrupts on stops the update of all VMs.",
  profiles: ["p1v5"],
  tell(t) {
    const vm = setup(t);
    enableInterrupts(vm.vmm, vm.cdev, 40);
    preserve(vm);
    t.add({ type: "marker", what: "vcpus_paused" });
    const { pid } = vm.manager;
    t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
    t.call({ type: "reboot", pid, cmd: "kexec" }, { refused: "EINVAL" });
    t.finds("cmp-interrupts-enabled-at-freeze", "error", NIC.bdf);
    disableInterrupts(vm.vmm, vm.cdev);
    vm.manager.close(vm.luo);
    jump(t, vm.manager);
    coldBoot(t);
  },
};

const HOLDER_STOPPED: ScenarioPlan = {
  id: "S27",
  slug: "holder-stopped-before-kexec",
  title: "The VMM is the only holder of its session, and is stopped before the kexec.",
  shows: "Services that are stopped first take their sessions with them.",
  profiles: EVERY,
  tell(t) {
    const vmm = t.start("vmm");
    const luo = vmm.open("/dev/liveupdate");
    const session = vmm.createSession(luo, "vm1");
    vmm.preserve(session, vmm.sealedMemfd("ram", 2n * MIB), 1n);
    vmm.close(luo);
    vmm.exit();
    const stopped = t.last_seq;
    const init = t.start("pid1");
    jump(t, init);
    // The exit that cancelled the session, and the kexec that went on without it.
    t.findsAt(stopped, "leak-session-fd-single-holder", "warning", VM1);
    t.findsAt(t.last_seq - 1, "ses-closed-before-kexec", "error", VM1);
    const manager = t.start("manager");
    manager.retrieveSession(manager.open("/dev/liveupdate"), "vm1", { refused: "ENOENT" });
  },
};

const HOLDER_STOPPED_DEVICE: ScenarioPlan = {
  ...HOLDER_STOPPED,
  slug: "holder-stopped-device-runs-on",
  title: "The only holder of the session is stopped; a helper keeps the device, and it does DMA.",
  shows: "The device was to cross, and nothing of it does.",
  profiles: WITH_DEVICES,
  tell(t) {
    const vm = setup(t);
    vm.manager.close(vm.manager_session);
    const helper = vm.vmm.spawn("other");
    vm.vmm.pass(vm.iommufd, helper);
    vm.vmm.pass(vm.cdev, helper);
    // What the fork gave it of the session.
    helper.close(vm.session);
    preserve(vm);
    vm.vmm.exit();
    const stopped = t.last_seq;
    dma(vm, 0x2000n);
    kexec(vm);
    t.findsAt(stopped, "leak-session-fd-single-holder", "warning", VM1);
    t.findsAt(rebootSeq(t), "ses-closed-before-kexec", "error", VM1);
    t.findsAt(rebootSeq(t), "cmp-device-not-preserved", "error", NIC.bdf);
    t.findsAt(rebootSeq(t), "api-mark-never-preserved", "info", KEPT_HWPT);
    dma(vm, 0x2000n, "fault");
    const manager = t.start("manager");
    manager.retrieveSession(manager.open("/dev/liveupdate"), "vm1", { refused: "ENOENT" });
  },
};

/** A session with a VM where there are devices, else with memory; gives who calls reboot. */
function anySession(t: Tale): Vm["manager"] {
  if (t.profile === "luo73") {
    const ram = ramSession(t);
    ram.manager.close(ram.luo);
    return ram.manager;
  }
  const vm = setup(t);
  preserve(vm);
  vm.manager.close(vm.luo);
  return vm.manager;
}

const OLD_IMAGE: ScenarioPlan = {
  id: "S28",
  slug: "image-of-kexec-load",
  title: "The image was loaded by the old kexec_load, which hands no memory over.",
  shows: "Nothing arrives, although everything was frozen and written down.",
  profiles: EVERY,
  tell(t) {
    jumpWith(t, anySession(t), {}, "kexec_load");
    t.findsAt(t.last_seq - 1, "cmp-image-without-kho", "error", VM1);
  },
};

const COLD_BOOT: ScenarioPlan = {
  id: "S30",
  slug: "cold-boot-instead",
  title: "The node is power cycled with everything preserved.",
  shows: "What nobody could hand over is not missed.",
  profiles: EVERY,
  tell(t) {
    anySession(t);
    coldBoot(t);
  },
};

const OTHER_ABI: ScenarioPlan = {
  id: "S31",
  slug: "abi-mismatch",
  title: "The next kernel's live update speaks another ABI: it panics at early boot.",
  shows: "Both kernels must agree before the jump; nobody can mend it after.",
  profiles: EVERY,
  tell(t) {
    jumpWith(t, anySession(t), { luo_abi_matches: false });
    t.finds("cmp-next-kernel-cannot-accept", "error", VM1);
    bootKind(t, "crash");
  },
};

export const ABORTED: readonly ScenarioPlan[] = [
  FREEZE_FAILS,
  HOLDER_STOPPED,
  HOLDER_STOPPED_DEVICE,
  OLD_IMAGE,
  COLD_BOOT,
  OTHER_ABI,
];
