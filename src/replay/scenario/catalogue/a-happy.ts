/** A. Updates that go as they should. */

import {
  claimDomain,
  crossed,
  DEVICE_TOKEN,
  dma,
  done,
  fetchSession,
  HWPT_TOKEN,
  IOMMUFD_TOKEN,
  jump,
  kexec,
  MEMORY_TOKEN,
  MIB,
  NIC,
  NIC2,
  preserve,
  replaceDomain,
  restore,
  retrieveFiles,
  setup,
  TWO_NICS,
} from "../blocks.js";
import { content, memfd, mmap, store } from "../process-calls.js";
import { RESTORED_HWPT } from "./names.js";
import { LUO_ONLY, RESTORING, type ScenarioPlan, WITH_DEVICES } from "./plan.js";
import {
  addDevice,
  bindAgain,
  cancel,
  crossRam,
  dmaBy,
  ramSession,
  SECOND_DEVICE_TOKEN,
} from "./turns.js";

const ONE_VM: ScenarioPlan = {
  id: "S01",
  slug: "one-vm-one-device",
  title: "A VM with one device crosses an update; the device never stops.",
  shows: "The whole way: preserve, kexec, retrieve, restore, replace, finish.",
  profiles: RESTORING,
  tell(t) {
    const vm = crossed(t);
    dma(vm, 0x2000n);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    const restored = restore(vm);
    dma(vm, 0x3000n);
    done(vm, restored);
  },
};

const MEMORY_ONLY: ScenarioPlan = {
  id: "S02",
  slug: "memfd-only",
  title: "A memfd that is not sealed crosses, with stores made after it was preserved.",
  shows: "Contents are not copied: whatever is stored before the jump arrives.",
  profiles: LUO_ONLY,
  tell(t) {
    const manager = t.start("manager");
    const luo = manager.open("/dev/liveupdate");
    const session = manager.createSession(luo, "vm1");
    const ram = memfd(manager, "ram", 2n * MIB);
    mmap(manager, ram, 2n * MIB, 0x7f00_0000_0000n);
    manager.preserve(session, ram, MEMORY_TOKEN);
    const late = new TextEncoder().encode("stored after PRESERVE_FD");
    store(manager, ram, 0x1000n, late);
    manager.close(luo);
    jump(t, manager);
    const next = t.start("manager");
    const device = next.open("/dev/liveupdate");
    const arrived = next.retrieveSession(device, "vm1");
    const again = next.retrieve(arrived, MEMORY_TOKEN);
    content(next, again, 0x1000n, late);
    next.finish(arrived);
    next.close(arrived);
    next.close(again);
  },
};

const TWO_DEVICES_ONE_HWPT: ScenarioPlan = {
  id: "S03",
  slug: "two-devices-one-hwpt",
  title: "Two devices share one page table and are replaced one after the other.",
  shows: "The restored handle can be destroyed when the last of its devices is replaced.",
  profiles: RESTORING,
  machine: TWO_NICS,
  tell: (t) => twoDevices(t, false),
};

const DESTROY_BETWEEN: ScenarioPlan = {
  id: "S03",
  slug: "destroy-between-two-replacements",
  title: "The restored handle is destroyed while one of two devices still uses it: EBUSY.",
  shows: "Destroy after the last replacement, not after the first.",
  profiles: RESTORING,
  machine: TWO_NICS,
  tell: (t) => twoDevices(t, true),
};

function twoDevices(t: Parameters<ScenarioPlan["tell"]>[0], hasty: boolean): void {
  const vm = setup(t);
  const second = addDevice(vm, vm.hwpt);
  preserve(vm);
  vm.vmm.preserve(vm.session, second.cdev, SECOND_DEVICE_TOKEN);
  kexec(vm);
  fetchSession(vm);
  retrieveFiles(vm);
  bindAgain(vm, second);
  const restored = claimDomain(vm);
  replaceDomain(vm);
  if (hasty) {
    vm.vmm.destroy(vm.iommufd, restored, { refused: "EBUSY" });
    t.finds("api-destroy-restored-before-replace", "warning", RESTORED_HWPT);
  }
  vm.vmm.attach(second.cdev, vm.hwpt);
  dma(vm, 0x3000n);
  t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
  dmaBy(vm, second.device, 0x4000n);
  t.finds("dma-between-pause-and-resume", "info", NIC2.bdf);
  done(vm, restored);
}

const TWO_HWPTS: ScenarioPlan = {
  id: "S04",
  slug: "two-devices-two-hwpts",
  title: "Two devices have a page table each, over the same mappings.",
  shows: "Every HWPT has its own token, is restored and replaced on its own.",
  profiles: ["rfc2", "p2"],
  machine: TWO_NICS,
  tell(t) {
    const vm = setup(t);
    const other = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    const second = addDevice(vm, other);
    vm.vmm.mark(vm.iommufd, other, BigInt(HWPT_TOKEN + 1));
    preserve(vm);
    vm.vmm.preserve(vm.session, second.cdev, SECOND_DEVICE_TOKEN);
    kexec(vm);
    fetchSession(vm);
    retrieveFiles(vm);
    bindAgain(vm, second);
    const restored = claimDomain(vm);
    const restored2 = vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN + 1);
    replaceDomain(vm);
    const fresh = vm.vmm.allocHwpt(vm.iommufd, second.device_id, vm.ioas);
    vm.vmm.attach(second.cdev, fresh);
    dmaBy(vm, second.device, 0x4000n);
    t.finds("dma-between-pause-and-resume", "info", NIC2.bdf);
    vm.vmm.destroy(vm.iommufd, restored2);
    done(vm, restored);
  },
};

const EMPTY_SESSION: ScenarioPlan = {
  id: "S06",
  slug: "empty-session",
  title: "A session without files crosses, is retrieved and finished.",
  shows: "A session needs no file to arrive.",
  profiles: LUO_ONLY,
  tell(t) {
    const manager = t.start("manager");
    const luo = manager.open("/dev/liveupdate");
    manager.createSession(luo, "vm1");
    manager.close(luo);
    jump(t, manager);
    const next = t.start("manager");
    const arrived = next.retrieveSession(next.open("/dev/liveupdate"), "vm1");
    next.finish(arrived);
    next.close(arrived);
  },
};

const CANCELLED: ScenarioPlan = {
  id: "S07",
  slug: "cancelled-before-kexec",
  title: "The session is closed before the kexec, and everything can change again.",
  shows: "Closing a session undoes every preserve; the device never notices.",
  profiles: WITH_DEVICES,
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    cancel(vm);
    const more = vm.vmm.sealedMemfd("hotplug", 2n * MIB);
    const place = { iova: vm.memory_bytes, length_bytes: 2n * MIB };
    vm.vmm.mapFile(vm.iommufd, { ioas: vm.ioas, memfd: more, ...place });
    dma(vm, vm.memory_bytes);
    dma(vm, 0x5000n);
  },
};

const REVERSE_ORDER: ScenarioPlan = {
  id: "S09",
  slug: "retrieved-in-reverse",
  title: "The files are retrieved in the reverse order of their preservation.",
  shows: "Retrieval needs no order.",
  profiles: ["p2"],
  tell(t) {
    const vm = crossed(t);
    fetchSession(vm);
    vm.cdev = vm.vmm.retrieve(vm.session, DEVICE_TOKEN);
    vm.iommufd = vm.vmm.retrieve(vm.session, IOMMUFD_TOKEN);
    vm.memfd = vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    done(vm, restored);
  },
};

const REVERSE_MEMFDS: ScenarioPlan = {
  ...REVERSE_ORDER,
  slug: "memfds-retrieved-in-reverse",
  title: "Three memfds are retrieved in the reverse order of their preservation.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    for (const token of [2n, 3n]) {
      const { manager, session } = ram;
      manager.preserve(session, manager.sealedMemfd(`ram${token}`, 2n * MIB), token);
    }
    crossRam(ram, t);
    for (const token of [3n, 2n, 1n]) ram.manager.retrieve(ram.session, token);
    ram.manager.finish(ram.session);
    ram.manager.close(ram.session);
  },
};

const RETRIEVED_TWICE: ScenarioPlan = {
  id: "S10",
  slug: "retrieved-twice",
  title: "One process retrieves the same memfd twice and closes both before FINISH.",
  shows: "A second retrieve gives another descriptor of the same file.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    crossRam(ram, t);
    const { manager, session } = ram;
    const first = manager.retrieve(session, MEMORY_TOKEN);
    const second = manager.retrieve(session, MEMORY_TOKEN);
    manager.close(first);
    manager.close(second);
    manager.finish(session);
    manager.close(session);
  },
};

export const HAPPY: readonly ScenarioPlan[] = [
  ONE_VM,
  MEMORY_ONLY,
  TWO_DEVICES_ONE_HWPT,
  DESTROY_BETWEEN,
  TWO_HWPTS,
  EMPTY_SESSION,
  CANCELLED,
  REVERSE_ORDER,
  REVERSE_MEMFDS,
  RETRIEVED_TWICE,
];
