/** Something was left behind. */

import {
  DEVICE_TOKEN,
  dma,
  done,
  IOMMUFD_TOKEN,
  kexec,
  preserve,
  restore,
  setup,
} from "../blocks.js";
import type { StoryPlan } from "./story.js";

export const MEMORY_FORGOTTEN: StoryPlan = {
  id: "memory-forgotten",
  title: "a lax kernel preserves iommufd and device without the memory behind them",
  profiles: ["rfc2", "seed"],
  cut: true,
  tell(scenario) {
    const vm = setup(scenario);
    const strict = scenario.machine.profile.preserve.memfd_not_in_session !== undefined;
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, strict ? { kernel: "ok" } : {});
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    kexec(vm);
    dma(vm, 0n);
  },
};

export const MEMORY_LATE: StoryPlan = {
  id: "memory-late",
  title: "the iommufd is refused before its memory is in the session, and accepted after",
  profiles: ["p1v1", "p1v5", "p2", "seed"],
  tell(scenario) {
    const vm = setup(scenario);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "ENOENT" });
    preserve(vm);
  },
};

const SIX_HUNDRED_SECONDS_NS = 600_000_000_000;

export const SESSION_FORGOTTEN: StoryPlan = {
  id: "session-forgotten",
  title: "of two sessions that cross, one is never retrieved",
  profiles: ["seed", "luo73", "p2"],
  tell(scenario) {
    const manager = scenario.start("manager");
    const luo = manager.open("/dev/liveupdate");
    for (const name of ["vm1", "vm2"]) {
      const session = manager.createSession(luo, name);
      manager.preserve(session, manager.sealedMemfd(`${name}-ram`, 0x20_0000n), 1n);
    }
    manager.close(luo);
    const { pid } = manager;
    scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
    scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
    scenario.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
    const next = scenario.start("manager");
    const device = next.open("/dev/liveupdate");
    const vm1 = next.retrieveSession(device, "vm1");
    next.retrieve(vm1, 1n);
    next.finish(vm1);
    next.close(vm1);
    scenario.wait(SIX_HUNDRED_SECONDS_NS);
    scenario.add({ type: "marker", what: "boot_complete" });
  },
};

export const HANDLE_FORGOTTEN: StoryPlan = {
  id: "handle-forgotten",
  title: "the replaced restored HWPT is never destroyed",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    restore(vm);
    dma(vm, 0x3000n);
    vm.vmm.finish(vm.session);
    scenario.wait(SIX_HUNDRED_SECONDS_NS);
  },
};

export const UPDATE_AFTER_UPDATE: StoryPlan = {
  id: "second-update-forgets-the-vm",
  title: "the VM of the first update is never fetched, and a second one follows",
  profiles: ["seed", "p1v5", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    const manager = scenario.start("manager");
    manager.open("/dev/liveupdate");
    const { pid } = manager;
    scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
    scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
    scenario.add({ type: "boot", kind: "kexec", boot: 3, liveupdate: true, kho: true });
  },
};

export const TWO_UPDATES: StoryPlan = {
  id: "two-updates",
  title: "the VM crosses two updates, each time restored, replaced and preserved anew",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    done(vm, restore(vm));
    vm.vmm.mark(vm.iommufd, vm.hwpt, 77n);
    vm.manager_session = vm.manager.createSession(vm.luo, vm.session_name);
    vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
    preserve(vm);
    kexec(vm);
    dma(vm, 0x2000n);
    done(vm, restore(vm));
  },
};
