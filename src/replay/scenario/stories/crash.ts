/** A VMM dies during its restore; a reaper gets the session from the manager and cleans up. */

import {
  bindDevice,
  claimDomain,
  dma,
  fetchSession,
  finish,
  kexec,
  preserve,
  replaceDomain,
  retrieveFiles,
  sendReaper,
  setup,
  type Vm,
} from "../blocks.js";
import type { Scenario } from "../scenario.js";
import type { StoryPlan } from "./story.js";

function upToKexec(scenario: Scenario): Vm {
  const vm = setup(scenario);
  preserve(vm);
  kexec(vm);
  fetchSession(vm);
  return vm;
}

/** The device is silenced, everything the reaper holds is let go, a kernel driver may come. */
function reap(vm: Vm): void {
  const { vmm } = vm;
  silence(vm);
  vmm.detach(vm.cdev);
  vmm.close(vm.cdev);
  vmm.close(vm.iommufd);
  vmm.close(vm.memfd);
  finish(vm);
  giveToKernel(vm);
}

function silence({ scenario, device }: Vm): void {
  scenario.add({ type: "device_reset", device: device.bdf });
  scenario.add({ type: "bus_master", device: device.bdf, enabled: false });
}

function giveToKernel({ scenario, device }: Vm): void {
  scenario.add({ type: "driver_unbind", device: device.bdf, driver: "vfio-pci", ret: 0 });
  scenario.call({ type: "driver_bind", device: device.bdf, driver: "ice" });
}

export const BEFORE_CDEV: StoryPlan = {
  id: "crash-before-cdev",
  title: "the VMM dies after it retrieved the iommufd, before the device",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    vm.vmm.retrieve(vm.session, 1n);
    vm.vmm.retrieve(vm.session, 2n);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    reap(vm);
  },
};

export const BEFORE_REPLACE: StoryPlan = {
  id: "crash-before-replace",
  title: "the VMM dies with the restored HWPT in its hands; the reaper goes on from there",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    dma(vm, 0x2000n);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    reap(vm);
  },
};

export const RESTORED_TWICE: StoryPlan = {
  id: "crash-restored-twice",
  title: "the reaper asks for the HWPT that the dead VMM had restored already",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    const once = scenario.machine.profile.restore.restore_twice;
    vm.vmm.restoreHwpt(vm.iommufd, 77, once === undefined ? {} : { refused: once });
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    reap(vm);
  },
};

export const BEFORE_DESTROY: StoryPlan = {
  id: "crash-before-destroy",
  title: "the VMM dies after the replacement; the reaper destroys the old handle",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    dma(vm, 0x2000n);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    reap(vm);
  },
};

export const CLOSED_WITHOUT_REPLACEMENT: StoryPlan = {
  id: "closed-without-replacement",
  title: "nobody wants the VM: the iommufd is closed, and the restored domain goes with it",
  profiles: ["seed"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    retrieveFiles(vm);
    vm.vmm.crash();
    sendReaper(vm);
    retrieveFiles(vm);
    bindDevice(vm);
    silence(vm);
    vm.vmm.detach(vm.cdev);
    finish(vm);
    vm.vmm.close(vm.cdev);
    vm.vmm.close(vm.iommufd);
    vm.vmm.close(vm.memfd);
    giveToKernel(vm);
  },
};

export const NO_SECOND_HOLDER: StoryPlan = {
  id: "crash-without-second-holder",
  title: "the VMM that died held the only reference to the session: it is stuck for good",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    vm.manager.close(vm.manager_session);
    vm.vmm.retrieve(vm.session, 1n);
    vm.vmm.crash();
    vm.manager.retrieveSession(vm.luo, vm.session_name, { refused: "EINVAL" });
  },
};

export const REAPER_INCOMPLETE: StoryPlan = {
  id: "reaper-incomplete",
  title: "the reaper takes the memory back and forgets the device",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToKexec(scenario);
    vm.vmm.crash();
    sendReaper(vm);
    vm.vmm.close(vm.vmm.retrieve(vm.session, 1n));
    vm.manager.close(vm.manager_session);
    vm.vmm.close(vm.session);
    vm.vmm.exit();
  },
};
