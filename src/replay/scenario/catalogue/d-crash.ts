/** D. The VMM dies in its restore; a reaper gets the session from the manager. */

import {
  claimDomain,
  dma,
  fetched,
  finish,
  HWPT_TOKEN,
  MEMORY_TOKEN,
  NIC,
  replaceDomain,
  retrieveFiles,
  sendReaper,
  type Vm,
} from "../blocks.js";
import { IOMMUFD_ARRIVED, VM1_ARRIVED } from "./names.js";
import { LUO_ONLY, RESTORING, type ScenarioPlan, type Tale } from "./plan.js";
import { crossRam, ramSession, reap, silence, strangeDma } from "./turns.js";

/** The reaper does what the VMM had not done yet, and lets everything go. */
function reapAll(vm: Vm): void {
  sendReaper(vm);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  replaceDomain(vm);
  vm.vmm.destroy(vm.iommufd, restored);
  reap(vm);
}

const AFTER_MEMORY: ScenarioPlan = {
  id: "S33",
  slug: "crash-after-memory",
  title: "The VMM dies when it has retrieved the memory.",
  shows: "What was retrieved can be retrieved again: LUO holds it until FINISH.",
  profiles: RESTORING,
  tell(t) {
    const vm = fetched(t);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    vm.vmm.crash();
    reapAll(vm);
  },
};

const AFTER_IOMMUFD: ScenarioPlan = {
  id: "S34",
  slug: "crash-after-iommufd",
  title: "The VMM dies when it has retrieved memory and iommufd, before the device.",
  shows: "The reaper takes over in the middle of the restore.",
  profiles: RESTORING,
  tell(t) {
    const vm = fetched(t);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    vm.vmm.retrieve(vm.session, 2n);
    vm.vmm.crash();
    reapAll(vm);
  },
};

function afterRestore(t: Tale, again: boolean): void {
  const vm = fetched(t);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  vm.vmm.crash();
  sendReaper(vm);
  retrieveFiles(vm);
  if (again && t.machine.profile.restore.restore_twice === undefined) {
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
  } else if (again) {
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOENT" });
    t.finds("api-restore-twice", "warning", IOMMUFD_ARRIVED, "0x4d");
  }
  replaceDomain(vm);
  vm.vmm.destroy(vm.iommufd, restored);
  reap(vm);
}

const AFTER_RESTORE: ScenarioPlan = {
  id: "S36",
  slug: "crash-after-restore",
  title: "The VMM dies with the restored HWPT in its hands; the reaper goes on from there.",
  shows: "The iommufd is the same, so the handle is still there.",
  profiles: RESTORING,
  tell: (t) => afterRestore(t, false),
};

const RESTORED_TWICE: ScenarioPlan = {
  id: "S36",
  slug: "restored-twice",
  title: "The reaper asks for the HWPT that the dead VMM had restored already.",
  shows: "A token gives its HWPT once; in the agreed model it gives the same one again.",
  profiles: RESTORING,
  tell: (t) => afterRestore(t, true),
};

function afterReplace(t: Tale, destroys: boolean): void {
  const vm = fetched(t);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  replaceDomain(vm);
  dma(vm, 0x2000n);
  t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
  vm.vmm.crash();
  sendReaper(vm);
  retrieveFiles(vm);
  if (destroys) vm.vmm.destroy(vm.iommufd, restored);
  reap(vm);
}

const AFTER_REPLACE: ScenarioPlan = {
  id: "S37",
  slug: "crash-after-replace",
  title: "The VMM dies after the replacement; the reaper destroys the old handle.",
  shows: "Whoever has the iommufd can destroy what is not used any more.",
  profiles: RESTORING,
  tell: (t) => afterReplace(t, true),
};

const HANDLE_LINGERS: ScenarioPlan = {
  id: "S37",
  slug: "crash-handle-left-at-finish",
  title: "The reaper finishes before it destroys the old handle: EBUSY under a counting kernel.",
  shows: "A session that counts its restored domains waits until the last handle is gone.",
  profiles: ["seed"],
  tell(t) {
    const vm = fetched(t);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    vm.vmm.finish(vm.session, { kernel: "EBUSY" });
    vm.vmm.destroy(vm.iommufd, restored);
    reap(vm);
  },
};

const HANDLE_DIES: ScenarioPlan = {
  id: "S37",
  slug: "crash-handle-dies-with-iommufd",
  title: "The reaper does not destroy the old handle; it goes with the iommufd.",
  shows: "The last close of the iommufd frees the restored domain.",
  profiles: ["rfc2", "p2"],
  tell: (t) => afterReplace(t, false),
};

const ONLY_HOLDER: ScenarioPlan = {
  id: "S39",
  slug: "crash-of-the-only-holder",
  title: "The VMM that died held the only reference to the session: it is stuck for good.",
  shows: "A session with a device needs a second holder.",
  profiles: RESTORING,
  tell(t) {
    const vm = fetched(t);
    vm.manager.close(vm.manager_session);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    t.finds("leak-session-fd-single-holder", "warning", VM1_ARRIVED);
    vm.vmm.crash();
    t.finds("leak-session-stuck", "error", VM1_ARRIVED);
    vm.manager.retrieveSession(vm.luo, vm.session_name, { refused: "EINVAL" });
    t.finds("ses-retrieve-session-twice", "warning", VM1_ARRIVED);
  },
};

const ONLY_HOLDER_MEMORY: ScenarioPlan = {
  id: "S40",
  slug: "crash-of-the-only-holder-memory",
  title: "The only holder of a session with memory dies before it retrieved any of it.",
  shows: "The last close of a session finishes it, and what was not retrieved is freed.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    crossRam(ram, t);
    const vmm = ram.manager.spawn("vmm");
    ram.manager.pass(ram.session, vmm);
    ram.manager.close(ram.session);
    vmm.crash();
    t.finds("leak-file-not-retrieved-at-finish", "warning", VM1_ARRIVED);
    t.finds("ses-finish-without-retrieve", "warning", VM1_ARRIVED);
    t.finds("leak-session-fd-single-holder", "warning", VM1_ARRIVED);
  },
};

const INCOMPLETE: ScenarioPlan = {
  id: "S42",
  slug: "reaper-incomplete",
  title: "The reaper takes the memory back and forgets the device.",
  shows: "A reaper must take over everything, or the device is lost until the next kexec.",
  profiles: RESTORING,
  tell(t) {
    const vm = fetched(t);
    vm.vmm.crash();
    sendReaper(vm);
    vm.vmm.close(vm.vmm.retrieve(vm.session, MEMORY_TOKEN));
    vm.manager.close(vm.manager_session);
    vm.vmm.close(vm.session);
    t.finds("leak-session-stuck", "error", VM1_ARRIVED);
    t.finds("ses-reaper-incomplete", "error", VM1_ARRIVED);
    vm.vmm.exit();
  },
};

const NO_RESET: ScenarioPlan = {
  id: "S43",
  slug: "reaper-closes-without-reset",
  title: "The reaper lets a device go that still does DMA.",
  shows: "Reset a device before its translation is taken away.",
  profiles: RESTORING,
  tell(t) {
    const vm = fetched(t);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    finish(vm);
    vm.vmm.close(vm.cdev);
    strangeDma(vm, 0x2000n, "ok");
    t.finds("own-release-while-dma-active", "error", vm.device.bdf);
    t.finds("dma-after-detach", "error", vm.device.bdf);
    silence(vm);
    vm.vmm.exit();
  },
};

export const CRASHES: readonly ScenarioPlan[] = [
  AFTER_MEMORY,
  AFTER_IOMMUFD,
  AFTER_RESTORE,
  RESTORED_TWICE,
  AFTER_REPLACE,
  HANDLE_DIES,
  HANDLE_LINGERS,
  ONLY_HOLDER,
  ONLY_HOLDER_MEMORY,
  INCOMPLETE,
  NO_RESET,
];
