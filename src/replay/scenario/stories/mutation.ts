/** Somebody changes what must stay as it is. */

import {
  claimDomain,
  dma,
  done,
  fetchSession,
  finish,
  kexec,
  MEMORY_TOKEN,
  preserve,
  replaceDomain,
  retrieveFiles,
  setup,
  type Vm,
} from "../blocks.js";
import type { Ending, Scenario } from "../scenario.js";
import type { StoryPlan } from "./story.js";

const PUNCH_BYTES = 0x20_0000n;

function upToRetrieve(scenario: Scenario): Vm {
  const vm = setup(scenario);
  preserve(vm);
  kexec(vm);
  fetchSession(vm);
  retrieveFiles(vm);
  return vm;
}

function mapOnRestored(scenario: Scenario, ending: Ending): void {
  const vm = upToRetrieve(scenario);
  const restored = claimDomain(vm);
  const mapping = { ioas: restored, memfd: vm.memfd, iova: vm.memory_bytes };
  vm.vmm.mapFile(vm.iommufd, { ...mapping, length_bytes: PUNCH_BYTES }, ending);
  replaceDomain(vm);
  done(vm, restored);
}

export const MAP_REFUSED: StoryPlan = {
  id: "map-on-restored-refused",
  title: "user space tries to map on the restored HWPT; the kernel refuses",
  profiles: ["seed", "p2"],
  tell: (scenario) => mapOnRestored(scenario, { refused: "ENOENT" }),
};

export const MAP_ACCEPTED: StoryPlan = {
  id: "map-on-restored-accepted",
  title: "the kernel lets user space map on the restored HWPT",
  profiles: ["seed", "p2"],
  tell: (scenario) => mapOnRestored(scenario, { kernel: "ok" }),
};

/** The device writes to a page that left the memfd while the restored domain still named it. */
function punch(scenario: Scenario, ending: Ending): void {
  const vm = setup(scenario);
  preserve(vm);
  kexec(vm);
  fetchSession(vm);
  vm.memfd = vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
  vm.vmm.punchHole(vm.memfd, 0n, PUNCH_BYTES, ending);
  dma(vm, 0x1000n);
}

export const PUNCHED: StoryPlan = {
  id: "punched-under-restored-domain",
  title: "retrieved memory is punched while the restored domain maps it: DMA hits a freed page",
  profiles: ["p2", "seed"],
  cut: true,
  tell(scenario) {
    const refused = scenario.machine.profile.restore.change_retrieved_memfd;
    punch(scenario, refused === undefined ? {} : { kernel: "ok" });
  },
};

export const PUNCH_REFUSED: StoryPlan = {
  id: "punch-refused",
  title: "the retrieved memory stays frozen until FINISH",
  profiles: ["seed"],
  tell(scenario) {
    const vm = upToRetrieve(scenario);
    vm.vmm.punchHole(vm.memfd, 0n, PUNCH_BYTES, { refused: "EPERM" });
    const restored = claimDomain(vm);
    replaceDomain(vm);
    done(vm, restored);
    vm.vmm.punchHole(vm.memfd, vm.memory_bytes - PUNCH_BYTES, PUNCH_BYTES);
  },
};

export const FINISH_TOO_EARLY: StoryPlan = {
  id: "finish-too-early",
  title: "the kernel finishes a session whose restored domain still serves, and the domain is gone",
  profiles: ["seed", "p2"],
  cut: true,
  tell(scenario) {
    const vm = upToRetrieve(scenario);
    claimDomain(vm);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    dma(vm, 0x2000n, "fault");
  },
};

export const FINISH_FREES_DOMAIN: StoryPlan = {
  id: "finish-frees-unclaimed-domain",
  title: "only the memory is fetched; the kernel finishes the session, and the domain is gone",
  profiles: ["seed", "p2"],
  cut: true,
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    fetchSession(vm);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    dma(vm, 0x2000n);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    dma(vm, 0x2000n, "fault");
  },
};

export const DESTROY_TOO_EARLY: StoryPlan = {
  id: "destroy-before-replace",
  title: "the restored HWPT is in use when user space tries to destroy it",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToRetrieve(scenario);
    const restored = claimDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored, { refused: "EBUSY" });
    dma(vm, 0x2000n);
    replaceDomain(vm);
    done(vm, restored);
  },
};

export const BACK_TO_RESTORED: StoryPlan = {
  id: "back-to-restored",
  title: "a device that was replaced goes back to the restored HWPT",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = upToRetrieve(scenario);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    const refused = scenario.machine.profile.restore.attach_back;
    vm.vmm.attach(vm.cdev, restored, refused === undefined ? {} : { refused });
    vm.vmm.attach(vm.cdev, vm.hwpt);
    vm.vmm.destroy(vm.iommufd, restored);
    finish(vm);
  },
};
