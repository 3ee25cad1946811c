/** Updates that go as they should. */

import {
  claimDomain,
  dma,
  done,
  fetchSession,
  finish,
  kexec,
  preserve,
  replaceDomain,
  restore,
  retrieveFiles,
  setup,
} from "../blocks.js";
import type { StoryPlan } from "./story.js";

export const ONE_VM: StoryPlan = {
  id: "one-vm-one-device",
  title: "a VM with one device crosses an update, the device never stops",
  profiles: ["seed", "rfc2", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    dma(vm, 0x2000n);
    const restored = restore(vm);
    dma(vm, 0x3000n);
    done(vm, restored);
  },
};

export const FINISH_LEAVES_DOMAINS: StoryPlan = {
  id: "finish-leaves-domains-alone",
  title: "FINISH is refused while the restored domain serves, and later touches no domain",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    fetchSession(vm);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    vm.vmm.finish(vm.session, { refused: "EBUSY" });
    dma(vm, 0x2000n);
    replaceDomain(vm);
    finish(vm);
    dma(vm, 0x3000n);
    // The handle outlived FINISH; destroying it is user space's business.
    vm.vmm.destroy(vm.iommufd, restored);
    dma(vm, 0x4000n);
  },
};

export const CANCELLED: StoryPlan = {
  id: "cancelled-before-kexec",
  title: "the session is closed before the kexec, and everything can change again",
  profiles: ["seed", "p1v5", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, vm.memory_bytes, { refused: "EBUSY" });
    scenario.add({ type: "marker", what: "cancel" });
    vm.vmm.close(vm.session);
    vm.manager.close(vm.manager_session);
    const more = vm.vmm.sealedMemfd("hotplug", 0x20_0000n);
    const place = { iova: vm.memory_bytes, length_bytes: 0x20_0000n };
    vm.vmm.mapFile(vm.iommufd, { ioas: vm.ioas, memfd: more, ...place });
    dma(vm, vm.memory_bytes);
  },
};
