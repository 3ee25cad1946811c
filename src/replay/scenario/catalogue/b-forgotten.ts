/** B. Something was left behind. */

import {
  DEVICE_TOKEN,
  dma,
  done,
  HWPT_TOKEN,
  IOMMUFD_TOKEN,
  kexec,
  MEMORY_TOKEN,
  MIB,
  NIC,
  NIC2,
  preserve,
  restore,
  setup,
  TWO_NICS,
} from "../blocks.js";
import { guestMemory, mapUser, mmapAnonymous } from "../process-calls.js";
import {
  arrived,
  hwptName,
  KEPT_HWPT,
  sessionName,
  tokenName,
  unmarkedName,
  VM1,
  VM1_ARRIVED,
} from "./names.js";
import { EVERY, LUO_ONLY, type ScenarioPlan, type Tale } from "./plan.js";
import {
  addDevice,
  bootKind,
  cancel,
  coldBoot,
  crossRam,
  dmaBy,
  goOn,
  ramSession,
  rebootSeq,
  SECOND_DEVICE_TOKEN,
  strangeDma,
  TEN_MINUTES_NS,
} from "./turns.js";

const MEMFD_LATE: ScenarioPlan = {
  id: "S12",
  slug: "memfd-forgotten-strict",
  title: "The iommufd is refused before its memory is in the session, and accepted after.",
  shows: "A strict kernel notices forgotten memory at PRESERVE_FD.",
  profiles: ["p1v1", "p1v5", "p2", "seed"],
  tell(t) {
    const vm = setup(t);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "ENOENT" });
    t.finds("ses-order-violation", "warning", VM1);
    preserve(vm);
    kexec(vm);
    goOn(t, vm);
  },
};

const MEMFD_FORGOTTEN: ScenarioPlan = {
  id: "S13",
  slug: "memfd-forgotten-lax",
  title: "A lax kernel preserves iommufd and device without the memory behind them.",
  shows: "The device writes into pages that the next kernel gave to somebody else.",
  profiles: ["rfc2", "seed"],
  tell: (t) => memfdForgotten(t, false),
};

const MEMFD_FORGOTTEN_KNOWN: ScenarioPlan = {
  ...MEMFD_FORGOTTEN,
  slug: "memfd-forgotten-lax-role-known",
  title: "The same, and the trace says that the forgotten memory is the VM's RAM.",
  tell: (t) => memfdForgotten(t, true),
};

function memfdForgotten(t: Tale, role_known: boolean): void {
  const vm = setup(t);
  if (role_known) guestMemory(vm.vmm, vm.memfd, vm.session_name);
  const strict = t.machine.profile.preserve.memfd_not_in_session !== undefined;
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, strict ? { kernel: "ok" } : {});
  if (strict) t.finds("ses-order-violation", "error", VM1);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  kexec(vm);
  t.findsAt(rebootSeq(t), "cmp-mapped-memory-not-preserved", "error", KEPT_HWPT);
  if (role_known) t.findsAt(rebootSeq(t), "cmp-vm-without-memory", "error", VM1, 'memfd "ram"');
  dma(vm, 0n);
  t.finds("dma-to-reused-page", "error", NIC.bdf);
  t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
  bootKind(t, "crash");
}

const DEVICE_FORGOTTEN: ScenarioPlan = {
  id: "S15",
  slug: "device-forgotten",
  title: "Of two devices on one page table only one is preserved; the other one's DMA faults.",
  shows: "Every device that may do DMA must be preserved; the fault is explained by the omission.",
  profiles: ["rfc2", "p1v5", "p2"],
  machine: TWO_NICS,
  tell(t) {
    const vm = setup(t);
    const second = addDevice(vm, vm.hwpt);
    preserve(vm);
    kexec(vm);
    t.findsAt(rebootSeq(t), "cmp-device-not-preserved", "error", second.device.bdf);
    dmaBy(vm, second.device, 0x9000n, "fault");
    goOn(t, vm);
  },
};

const DEVICE_FORGOTTEN_RUNS: ScenarioPlan = {
  id: "S16",
  slug: "device-forgotten-runs-on",
  title: "The forgotten device's translation survives the boot: its DMA lands.",
  shows: "A stale entry of the IOMMU lets a device write memory the new kernel uses.",
  profiles: ["rfc2"],
  machine: TWO_NICS,
  tell(t) {
    const vm = setup(t);
    const second = addDevice(vm, vm.hwpt);
    preserve(vm);
    kexec(vm);
    t.findsAt(rebootSeq(t), "cmp-device-not-preserved", "error", second.device.bdf);
    strangeDma({ ...vm, device: second.device }, 0x9000n, "ok");
    t.finds("dma-unpreserved-device-in-blackout", "error", second.device.bdf);
    t.finds("dma-between-pause-and-resume", "info", second.device.bdf);
    done(vm, restore(vm));
  },
};

const MARKED_LATE: ScenarioPlan = {
  id: "S18",
  slug: "marked-too-late",
  title: "A page table is marked after its iommufd was preserved; the mark counts for nothing.",
  shows: "Marks are read once, when the iommufd is preserved.",
  profiles: ["rfc2", "p2"],
  machine: TWO_NICS,
  tell(t) {
    const vm = setup(t);
    const late = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    const second = addDevice(vm, late);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.mark(vm.iommufd, late, BigInt(HWPT_TOKEN + 1));
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    const refused = t.machine.profile.preserve.hwpt_not_preserved;
    const ending = refused === undefined ? {} : { refused };
    vm.vmm.preserve(vm.session, second.cdev, SECOND_DEVICE_TOKEN, ending);
    kexec(vm);
    t.findsAt(rebootSeq(t), "cmp-marked-after-iommufd-preserve", "error", unmarkedName(late));
    if (refused === undefined) {
      dmaBy(vm, second.device, 0x9000n, "fault");
      t.finds("dma-lost-translation", "error", NIC2.bdf, unmarkedName(late));
    }
    coldBoot(t);
  },
};

function anonymous(t: Tale, accepted: boolean): void {
  const vm = setup(t);
  const { vmm, iommufd, ioas, memory_bytes: iova } = vm;
  const address = 0x7f00_0000_0000n;
  mmapAnonymous(vmm, 2n * MIB, address);
  mapUser(vmm, iommufd, { ioas, address, iova, length_bytes: 2n * MIB });
  vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  if (!accepted) {
    vmm.preserve(vm.session, iommufd, IOMMUFD_TOKEN, { refused: "EINVAL" });
    t.finds("cmp-anon-mapping-in-marked-hwpt", "info", hwptName(vm.hwpt));
    cancel(vm);
    return;
  }
  const strict = t.machine.profile.preserve.non_file_mapping !== undefined;
  vmm.preserve(vm.session, iommufd, IOMMUFD_TOKEN, strict ? { kernel: "ok" } : {});
  t.finds("cmp-anon-mapping-in-marked-hwpt", "error", KEPT_HWPT);
  vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  kexec(vm);
  t.findsAt(rebootSeq(t), "cmp-mapped-memory-not-preserved", "error", KEPT_HWPT);
  coldBoot(t);
}

const ANONYMOUS: ScenarioPlan = {
  id: "S19",
  slug: "anonymous-memory",
  title: "Anonymous memory is mapped beside the memfd; the kernel refuses the iommufd.",
  shows: "Only memory of files can cross.",
  profiles: ["p1v1", "p1v5", "p2"],
  tell: (t) => anonymous(t, false),
};

const ANONYMOUS_ACCEPTED: ScenarioPlan = {
  ...ANONYMOUS,
  slug: "anonymous-memory-lax",
  title: "Anonymous memory is mapped beside the memfd, and a lax kernel preserves the iommufd.",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  tell: (t) => anonymous(t, true),
};

const OTHER_SESSION: ScenarioPlan = {
  id: "S21",
  slug: "memory-in-another-session",
  title: "The memory is preserved in a session of its own; the iommufd is refused.",
  shows: "An iommufd and the memory it maps belong into one session.",
  profiles: ["p2"],
  tell: (t) => otherSession(t, false),
};

const OTHER_SESSION_ACCEPTED: ScenarioPlan = {
  ...OTHER_SESSION,
  slug: "memory-in-another-session-lax",
  title: "The memory is preserved in a session of its own, and the kernel lets it pass.",
  profiles: ["seed"],
  tell: (t) => otherSession(t, true),
};

function otherSession(t: Tale, accepted: boolean): void {
  const vm = setup(t);
  const { vmm, manager } = vm;
  const ram = manager.createSession(vm.luo, "ram");
  vmm.preserve(manager.pass(ram, vmm), vm.memfd, MEMORY_TOKEN);
  const ending = accepted ? ({ kernel: "ok" } as const) : ({ refused: "ENOENT" } as const);
  vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, ending);
  if (!accepted) {
    t.finds("ses-order-violation", "warning", VM1);
    cancel(vm);
    return;
  }
  vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  kexec(vm);
  const where = [KEPT_HWPT, VM1, sessionName("ram")] as const;
  t.findsAt(rebootSeq(t), "cmp-memfd-not-in-same-session", "error", ...where);
  coldBoot(t);
}

const NEVER_RETRIEVED: ScenarioPlan = {
  id: "S22",
  slug: "session-never-retrieved",
  title: "Of two sessions that cross, one is never retrieved.",
  shows: "A session that nobody fetches keeps its memory until the next kexec.",
  profiles: EVERY,
  tell(t) {
    oneOfTwoSessions(t);
    t.findsAtEnd("leak-session-never-retrieved", "error", arrived(sessionName("vm2")));
  },
};

const NOT_YET_RETRIEVED: ScenarioPlan = {
  ...NEVER_RETRIEVED,
  slug: "session-not-retrieved-in-time",
  title: "Of two sessions that cross, one waits for ten minutes when the recording stops.",
  shows: "Who asks for nothing in five minutes has probably forgotten the session.",
  cut: true,
  tell(t) {
    oneOfTwoSessions(t);
    t.add({ type: "note", text: "the recording is stopped" });
    t.findsAtEnd("leak-session-never-retrieved", "warning", arrived(sessionName("vm2")));
  },
};

function oneOfTwoSessions(t: Tale): void {
  const ram = ramSession(t);
  const { manager } = ram;
  const session = manager.createSession(ram.luo, "vm2");
  manager.preserve(session, manager.sealedMemfd("ram2", 2n * MIB), MEMORY_TOKEN);
  crossRam(ram, t);
  ram.manager.retrieve(ram.session, MEMORY_TOKEN);
  ram.manager.finish(ram.session);
  ram.manager.close(ram.session);
  t.wait(TEN_MINUTES_NS);
}

const PRESERVED_AGAIN: ScenarioPlan = {
  id: "S24",
  slug: "preserved-again-before-finish",
  title: "A retrieved memfd goes into a new session before the old one is finished: EBUSY.",
  shows: "Finish an update before the next one begins.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    crossRam(ram, t);
    const { manager } = ram;
    const memfd = manager.retrieve(ram.session, MEMORY_TOKEN);
    const next = manager.createSession(ram.luo, "vm1-next");
    manager.preserve(next, memfd, MEMORY_TOKEN, { refused: "EBUSY" });
    const second = arrived(sessionName("vm1-next"));
    const first = tokenName(MEMORY_TOKEN, VM1_ARRIVED);
    t.finds("ses-double-preserve", "warning", first, second);
    manager.finish(ram.session);
    manager.preserve(next, memfd, MEMORY_TOKEN);
  },
};

export const FORGOTTEN: readonly ScenarioPlan[] = [
  MEMFD_LATE,
  MEMFD_FORGOTTEN,
  MEMFD_FORGOTTEN_KNOWN,
  DEVICE_FORGOTTEN,
  DEVICE_FORGOTTEN_RUNS,
  MARKED_LATE,
  ANONYMOUS,
  ANONYMOUS_ACCEPTED,
  OTHER_SESSION,
  OTHER_SESSION_ACCEPTED,
  NEVER_RETRIEVED,
  NOT_YET_RETRIEVED,
  PRESERVED_AGAIN,
];
