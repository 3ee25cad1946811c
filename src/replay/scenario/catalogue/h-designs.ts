/** H. What the designs tell apart or agree on, beyond the numbered catalogue they came with. */

import {
  bindDevice,
  claimDomain,
  crossed,
  DEVICE_TOKEN,
  dma,
  done,
  fetched,
  fetchSession,
  HWPT_TOKEN,
  kexec,
  MEMORY_TOKEN,
  NIC,
  preserve,
  replaceDomain,
  restore,
  retrieved,
  retrieveFiles,
  sendReaper,
} from "../blocks.js";
import { DOMAIN1, RESTORED_HWPT, VM1_ARRIVED } from "./names.js";
import type { ScenarioPlan } from "./plan.js";
import { coldBoot, giveToKernel, handleIsLeft, jumpWith, silence } from "./turns.js";

const FINISH_LEAVES_DOMAINS: ScenarioPlan = {
  id: "X01",
  slug: "finish-leaves-domains-alone",
  title: "FINISH is refused while the restored domain serves, and later touches no domain.",
  shows: "A domain ends through its iommufd; a session only decides what stays frozen.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    vm.vmm.finish(vm.session, { refused: "EBUSY" });
    dma(vm, 0x2000n);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    replaceDomain(vm);
    vm.vmm.finish(vm.session);
    handleIsLeft(t);
    dma(vm, 0x3000n);
    // The handle outlived FINISH; destroying it is user space's business.
    vm.vmm.destroy(vm.iommufd, restored);
    dma(vm, 0x4000n);
  },
};

const CLOSED_WITHOUT_REPLACEMENT: ScenarioPlan = {
  id: "X02",
  slug: "closed-without-replacement",
  title: "Nobody wants the VM: the iommufd is closed, and the restored domain goes with it.",
  shows: "A reaper needs no new page table to get rid of a device.",
  profiles: ["seed"],
  tell(t) {
    const vm = retrieved(t);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    bindDevice(vm);
    silence(vm);
    vm.vmm.detach(vm.cdev);
    vm.vmm.finish(vm.session);
    handleIsLeft(t);
    for (const fd of [vm.cdev, vm.iommufd, vm.memfd]) vm.vmm.close(fd);
    giveToKernel(vm);
  },
};

const UPDATE_AFTER_UPDATE: ScenarioPlan = {
  id: "X03",
  slug: "second-update-forgets-the-vm",
  title: "The VM of the first update is never fetched, and a second update follows.",
  shows: "A session crosses one kexec, not two.",
  profiles: ["seed", "p1v5", "p2"],
  tell(t) {
    crossed(t);
    const manager = t.start("manager");
    manager.open("/dev/liveupdate");
    jumpWith(t, manager, {});
    t.findsAt(t.last_seq - 1, "cmp-second-update-with-unfinished-session", "error", VM1_ARRIVED);
    t.finds("leak-session-never-retrieved", "error", VM1_ARRIVED);
  },
};

const TWO_UPDATES: ScenarioPlan = {
  id: "X04",
  slug: "two-updates",
  title: "The VM crosses two updates, each time restored, replaced and preserved anew.",
  shows: "Every update needs its own session and its own mark.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = crossed(t);
    done(vm, restore(vm));
    vm.vmm.mark(vm.iommufd, vm.hwpt, BigInt(HWPT_TOKEN));
    vm.manager_session = vm.manager.createSession(vm.luo, vm.session_name);
    vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
    preserve(vm);
    kexec(vm);
    dma(vm, 0x2000n);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    done(vm, restore(vm));
  },
};

const FINISH_TOO_EARLY: ScenarioPlan = {
  id: "X05",
  slug: "finish-too-early",
  title: "The kernel finishes a session whose restored domain still serves, and that is gone.",
  shows: "What a FINISH that came too early costs: the device loses its memory.",
  profiles: ["seed", "p2"],
  cut: true,
  tell(t) {
    const vm = retrieved(t);
    claimDomain(vm);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    t.finds("ses-finish-before-replace", "error", VM1_ARRIVED, DOMAIN1);
    dma(vm, 0x2000n, "fault");
    t.finds("dma-lost-translation", "error", NIC.bdf, DOMAIN1);
  },
};

const FINISH_FREES_DOMAIN: ScenarioPlan = {
  id: "X06",
  slug: "finish-frees-unclaimed-domain",
  title: "Only the memory is fetched; the kernel finishes the session, and the domain is gone.",
  shows: "Who finishes a session without its device takes the device's memory away.",
  profiles: ["seed", "p2"],
  cut: true,
  tell(t) {
    const vm = fetched(t);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    dma(vm, 0x2000n);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    t.finds("ses-finish-before-replace", "error", VM1_ARRIVED, DOMAIN1);
    t.finds("leak-file-not-retrieved-at-finish", "warning", VM1_ARRIVED);
    dma(vm, 0x2000n, "fault");
    t.finds("dma-lost-translation", "error", NIC.bdf, DOMAIN1);
    t.finds("own-domain-freed-without-owner", "error", DOMAIN1);
    if (t.profile === "seed") t.finds("own-finish-touched-domain", "error", DOMAIN1);
  },
};

const DESTROY_TOO_EARLY: ScenarioPlan = {
  id: "X07",
  slug: "destroyed-before-replace",
  title: "The restored HWPT is in use when user space tries to destroy it: EBUSY.",
  shows: "Replace first, destroy then.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored, { refused: "EBUSY" });
    t.finds("api-destroy-restored-before-replace", "warning", RESTORED_HWPT);
    replaceDomain(vm);
    done(vm, restored);
  },
};

const FOREIGNERS_REFUSED: ScenarioPlan = {
  id: "X08",
  slug: "foreigners-refused",
  title: "A kernel driver, a second opener and a foreign iommufd are kept off the device.",
  shows: "A device that crossed waits for its own session and its own iommufd.",
  profiles: ["seed", "p1v5", "p2"],
  tell(t) {
    const vm = crossed(t);
    t.call({ type: "driver_bind", device: NIC.bdf, driver: "ice" }, { refused: "EBUSY" });
    fetchSession(vm);
    const { vmm } = vm;
    vmm.open(`/dev/vfio/devices/${NIC.cdev}`, { refused: "EBUSY" });
    const cdev = vmm.retrieve(vm.session, DEVICE_TOKEN);
    vmm.bind(cdev, vmm.open("/dev/iommu"), { refused: "EPERM" });
    coldBoot(t);
  },
};

const FOREIGN_BIND_ACCEPTED: ScenarioPlan = {
  id: "X09",
  slug: "foreign-bind-accepted",
  title: "The kernel binds the retrieved device to an iommufd that never was its own.",
  shows: "The restored domain belongs to the iommufd that came with the device.",
  profiles: ["seed"],
  tell(t) {
    const vm = fetched(t);
    const cdev = vm.vmm.retrieve(vm.session, DEVICE_TOKEN);
    vm.vmm.bind(cdev, vm.vmm.open("/dev/iommu"), { kernel: "ok" });
    t.finds("own-foreign-bind-preserved-device", "error", NIC.bdf);
    coldBoot(t);
  },
};

const DRIVER_AFTER_UPDATE: ScenarioPlan = {
  id: "X10",
  slug: "driver-after-update",
  title: "After the update the VM is shut down, and a kernel driver takes the device.",
  shows: "Once its update is finished a device is like any other.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = crossed(t);
    done(vm, restore(vm));
    t.add({ type: "bus_master", device: NIC.bdf, enabled: false });
    vm.vmm.exit();
    giveToKernel(vm);
  },
};

export const DESIGNS: readonly ScenarioPlan[] = [
  FINISH_LEAVES_DOMAINS,
  CLOSED_WITHOUT_REPLACEMENT,
  UPDATE_AFTER_UPDATE,
  TWO_UPDATES,
  FINISH_TOO_EARLY,
  FINISH_FREES_DOMAIN,
  DESTROY_TOO_EARLY,
  FOREIGNERS_REFUSED,
  FOREIGN_BIND_ACCEPTED,
  DRIVER_AFTER_UPDATE,
];
