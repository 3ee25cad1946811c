/** E. What may be done with a restored HWPT, its memory and its session. */

import {
  claimDomain,
  crossed,
  dma,
  done,
  fetched,
  fetchSession,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  MIB,
  NIC,
  preserve,
  replaceDomain,
  retrieved,
  retrieveFiles,
  setup,
} from "../blocks.js";
import type { Ending } from "../scenario.js";
import {
  DOMAIN1,
  IOMMUFD_ARRIVED,
  keptIoasName,
  newHwptName,
  RESTORED_HWPT,
  VM1_ARRIVED,
} from "./names.js";
import { RESTORING, type ScenarioPlan, type Tale, WITH_DEVICES } from "./plan.js";
import { cancel, coldBoot } from "./turns.js";

const PUNCH_BYTES = 2n * MIB;

const IOMMUFD_CLOSED: ScenarioPlan = {
  id: "S45",
  slug: "iommufd-closed-device-bound",
  title: "The iommufd's descriptor is closed while its device is bound; DMA goes on.",
  shows: "A bound device keeps its iommufd alive.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    done(vm, restored);
    vm.vmm.close(vm.iommufd);
    dma(vm, 0x2000n);
  },
};

function mapOnRestored(t: Tale, accepted: boolean): void {
  const vm = retrieved(t);
  const restored = claimDomain(vm);
  const mapping = { ioas: restored, memfd: vm.memfd, iova: vm.memory_bytes };
  const ending: Ending = accepted ? { kernel: "ok" } : { refused: "ENOENT" };
  vm.vmm.mapFile(vm.iommufd, { ...mapping, length_bytes: PUNCH_BYTES }, ending);
  const hwpt = RESTORED_HWPT;
  t.finds("api-map-restored-hwpt", accepted ? "error" : "warning", hwpt);
  replaceDomain(vm);
  done(vm, restored);
}

const MAP_REFUSED: ScenarioPlan = {
  id: "S46",
  slug: "map-on-restored-hwpt",
  title: "User space tries to map on the restored HWPT; the kernel refuses.",
  shows: "A restored page table never changes.",
  profiles: RESTORING,
  tell: (t) => mapOnRestored(t, false),
};

const MAP_ACCEPTED: ScenarioPlan = {
  ...MAP_REFUSED,
  slug: "map-on-restored-hwpt-accepted",
  title: "The kernel lets user space map on the restored HWPT.",
  tell: (t) => mapOnRestored(t, true),
};

const MAP_TAKES_EFFECT: ScenarioPlan = {
  ...MAP_REFUSED,
  slug: "map-on-restored-hwpt-takes-effect",
  title: "The kernel lets user space map on the restored HWPT, and a DMA shows that it did.",
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    const { memory_bytes: iova } = vm;
    const mapping = { ioas: restored, memfd: vm.memfd, iova, length_bytes: PUNCH_BYTES };
    vm.vmm.mapFile(vm.iommufd, mapping, { kernel: "ok" });
    t.finds("api-map-restored-hwpt", "error", RESTORED_HWPT);
    const write = { direction: "write", observed: "ok", length_bytes: 4096 } as const;
    t.contradict({ type: "dma", device: NIC.bdf, iova, ...write });
    t.finds("imm-mutate-restored-domain", "error", DOMAIN1);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    // The symptom of the same: the table that is written down has nothing there.
    t.finds("dma-unmapped-iova", "error", NIC.bdf, DOMAIN1);
    replaceDomain(vm);
    done(vm, restored);
  },
};

const EARLY_FINISH_REFUSED: ScenarioPlan = {
  id: "S48",
  slug: "finish-before-replace",
  title: "FINISH is refused while the restored HWPT is in use, and works after the replacement.",
  shows: "One EBUSY that is acted upon is no fault.",
  profiles: ["rfc2", "p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    vm.vmm.finish(vm.session, { refused: "EBUSY" });
    replaceDomain(vm);
    done(vm, restored);
  },
};

const EARLY_FINISH_ACCEPTED: ScenarioPlan = {
  ...EARLY_FINISH_REFUSED,
  slug: "finish-before-replace-accepted",
  title: "The kernel finishes a session whose restored domain still serves.",
  shows: "The memory behind a live restored domain must stay frozen.",
  profiles: ["seed"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    t.finds("ses-finish-before-replace", "error", VM1_ARRIVED, DOMAIN1);
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
  },
};

/** A phase-1 kernel gives no iommufd back, and the session can never be finished. */
function finishInVain(t: Tale): void {
  const vm = fetched(t);
  const { vmm } = vm;
  vmm.retrieve(vm.session, MEMORY_TOKEN);
  vmm.retrieve(vm.session, IOMMUFD_TOKEN, { refused: "EOPNOTSUPP" });
  for (let attempt = 0; attempt < 3; attempt++) vmm.finish(vm.session, { refused: "EBUSY" });
  t.finds("ses-finish-refused-loop", "warning", VM1_ARRIVED);
  vmm.close(vm.session);
  vm.manager.close(vm.manager_session);
  t.finds("leak-session-stuck", "error", VM1_ARRIVED);
}

const FINISH_IN_VAIN: ScenarioPlan = {
  id: "S49",
  slug: "finish-retried-in-vain",
  title: "The iommufd cannot be retrieved; FINISH is tried three times, then the session closed.",
  shows: "Nothing changes between the attempts, so nothing can come of them.",
  profiles: ["p1v5"],
  tell: finishInVain,
};

const REBOOTED: ScenarioPlan = {
  id: "S72",
  slug: "fallback-by-reboot",
  title: "After the failed restore the node is rebooted, and nothing is preserved.",
  shows: "A reboot ends what cannot be mended; it adds no finding.",
  profiles: ["p1v5"],
  tell(t) {
    finishInVain(t);
    coldBoot(t);
  },
};

const OTHER_MEMORY: ScenarioPlan = {
  id: "S51",
  slug: "replaced-by-other-memory",
  title: "The new page table maps fresh memory where the restored one maps the VM's.",
  shows: "What replaces a restored domain must map the same pages.",
  profiles: ["p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    const memfd = vm.vmm.sealedMemfd("other", vm.memory_bytes);
    const own = vm.memfd;
    vm.memfd = memfd;
    replaceDomain(vm);
    t.finds("dma-replacement-hole", "error", DOMAIN1);
    vm.memfd = own;
    done(vm, restored);
  },
};

const MAPPED_LATE: ScenarioPlan = {
  id: "S52",
  slug: "attached-first-mapped-later",
  title: "The device is attached to an empty page table; the mappings follow.",
  shows: "Map everything, then attach.",
  profiles: RESTORING,
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    const { vmm, iommufd, memfd, memory_bytes: length_bytes } = vm;
    const ioas = vmm.allocIoas(iommufd);
    vm.hwpt = vmm.allocHwpt(iommufd, vm.device_id, ioas);
    vmm.attach(vm.cdev, vm.hwpt);
    t.finds("dma-replacement-hole", "error", DOMAIN1);
    vmm.mapFile(iommufd, { ioas, memfd, iova: 0n, length_bytes });
    t.finds("dma-replaced-too-early", "warning", newHwptName(vm.hwpt), DOMAIN1);
    done(vm, restored);
  },
};

const PUNCHED: ScenarioPlan = {
  id: "S54",
  slug: "hole-punched-after-retrieve",
  title: "Retrieved memory is punched while the restored domain maps it: DMA hits a freed page.",
  shows: "Nothing pins the pages until they are mapped anew.",
  profiles: ["rfc2", "p2", "seed"],
  tell(t) {
    const vm = retrieved(t);
    const refused = t.machine.profile.restore.change_retrieved_memfd;
    const ending: Ending = refused === undefined ? {} : { kernel: "ok" };
    vm.vmm.punchHole(vm.memfd, 0n, PUNCH_BYTES, ending);
    t.finds("imm-punch-retrieved-memfd-under-restored-domain", "error", DOMAIN1);
    dma(vm, 0x1000n);
    t.finds("dma-to-reused-page", "error", NIC.bdf);
    t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    coldBoot(t);
  },
};

const PINNED_FIRST: ScenarioPlan = {
  ...PUNCHED,
  slug: "hole-punched-after-map",
  title: "The hole is punched when the new mapping pins the memory and the device is on it.",
  shows: "After the replacement, memory is user space's own business again.",
  profiles: ["rfc2", "p2"],
  tell(t) {
    const vm = retrieved(t);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.punchHole(vm.memfd, 0n, PUNCH_BYTES);
    done(vm, restored);
  },
};

const PUNCH_REFUSED: ScenarioPlan = {
  ...PUNCHED,
  slug: "hole-punch-refused",
  title: "The retrieved memory stands still until FINISH: the hole is refused, and punched after.",
  shows: "In the agreed model a retrieved memfd is frozen until its session is finished.",
  profiles: ["seed"],
  tell(t) {
    const vm = retrieved(t);
    vm.vmm.punchHole(vm.memfd, 0n, PUNCH_BYTES, { refused: "EPERM" });
    const restored = claimDomain(vm);
    replaceDomain(vm);
    done(vm, restored);
    vm.vmm.punchHole(vm.memfd, vm.memory_bytes - PUNCH_BYTES, PUNCH_BYTES);
  },
};

const UNMAP: ScenarioPlan = {
  id: "S55",
  slug: "unmapped-while-preserved",
  title: "Memory is unmapped between PRESERVE_FD and the kexec; the kernel refuses.",
  shows: "The mappings of a preserved page table stand still.",
  profiles: ["p1v1", "p1v5", "p2"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, vm.memory_bytes, { refused: "EBUSY" });
    cancel(vm);
  },
};

const UNMAP_ACCEPTED: ScenarioPlan = {
  ...UNMAP,
  slug: "unmapped-while-preserved-accepted",
  title: "The kernel lets user space unmap memory between PRESERVE_FD and the kexec.",
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, vm.memory_bytes, { kernel: "ok" });
    t.finds("imm-unmap-on-preserved-ioas", "error", keptIoasName(vm.ioas));
    cancel(vm);
  },
};

const KERNEL_DRIVER: ScenarioPlan = {
  id: "S57",
  slug: "kernel-driver-refused",
  title: "A kernel driver reaches for the device that waits for its VM, and is refused.",
  shows: "The next kernel keeps others off the device.",
  profiles: WITH_DEVICES,
  tell(t) {
    const vm = crossed(t);
    const { bdf } = vm.device;
    t.call({ type: "driver_bind", device: bdf, driver: "nvme" }, { refused: "EBUSY" });
    coldBoot(t);
  },
};

const KERNEL_DRIVER_ACCEPTED: ScenarioPlan = {
  ...KERNEL_DRIVER,
  slug: "kernel-driver-accepted",
  title: "A kernel driver gets the device while the restored domain is in front of it.",
  tell(t) {
    const vm = crossed(t);
    const { bdf } = vm.device;
    t.call({ type: "driver_bind", device: bdf, driver: "nvme" }, { kernel: "ok" });
    t.finds("own-kernel-driver-on-preserved-device", "error", bdf);
    coldBoot(t);
  },
};

const OLD_ID: ScenarioPlan = {
  id: "S58",
  slug: "object-ids-taken-for-stable",
  title: "The VMM attaches its device to the number its HWPT had before the update.",
  shows: "Ids of objects do not cross; only tokens do.",
  profiles: RESTORING,
  tell(t) {
    const vm = crossed(t);
    const old = vm.hwpt;
    fetchSession(vm);
    retrieveFiles(vm);
    vm.device_id = vm.vmm.bind(vm.cdev, vm.iommufd);
    vm.vmm.attach(vm.cdev, old, { refused: "ENOENT" });
    t.finds("api-id-reused-across-kexec", "warning", IOMMUFD_ARRIVED, `${old}`);
    coldBoot(t);
  },
};

export const DISCIPLINE: readonly ScenarioPlan[] = [
  IOMMUFD_CLOSED,
  MAP_REFUSED,
  MAP_ACCEPTED,
  MAP_TAKES_EFFECT,
  EARLY_FINISH_REFUSED,
  EARLY_FINISH_ACCEPTED,
  FINISH_IN_VAIN,
  OTHER_MEMORY,
  MAPPED_LATE,
  PUNCHED,
  PINNED_FIRST,
  PUNCH_REFUSED,
  UNMAP,
  UNMAP_ACCEPTED,
  KERNEL_DRIVER,
  KERNEL_DRIVER_ACCEPTED,
  OLD_ID,
];

/** S72 belongs to the special topologies by its number; it goes on where S49 ends. */
export const FALLBACK: ScenarioPlan = REBOOTED;
