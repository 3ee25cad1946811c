/** G. One rule each: devices and page tables. */

import {
  crossed,
  done,
  fetchSession,
  HWPT_TOKEN,
  kexec,
  MEMORY_TOKEN,
  MIB,
  NIC,
  preserve,
  restore,
  retrieveFiles,
  setup,
} from "../blocks.js";
import { copyMapping } from "../process-calls.js";
import type { Ending } from "../scenario.js";
import {
  DOMAIN1,
  hwptName,
  ioasName,
  KEPT_HWPT,
  keptIoasName,
  nestedName,
  SECOND_KEPT_HWPT,
} from "./names.js";
import { RESTORING, type ScenarioPlan, type Tale } from "./plan.js";
import { cancel, coldBoot, handleIsLeft, rebootSeq, setupNested, TEN_MINUTES_NS } from "./turns.js";

function openAfterKexec(t: Tale, accepted: boolean): void {
  const vm = crossed(t);
  fetchSession(vm);
  const ending: Ending = accepted ? { kernel: "ok" } : { refused: "EBUSY" };
  const other = t.start("other");
  other.open(`/dev/vfio/devices/${NIC.cdev}`, ending);
  if (accepted) t.finds("own-legacy-open-preserved-device", "error", NIC.bdf);
  coldBoot(t);
}

const OPENED: ScenarioPlan = {
  id: "S73",
  slug: "device-opened-after-kexec",
  title: "Somebody opens the device's node before its VM has it back: EBUSY.",
  shows: "The device waits for its session.",
  profiles: ["p2"],
  tell: (t) => openAfterKexec(t, false),
};

const OPENED_ACCEPTED: ScenarioPlan = {
  ...OPENED,
  slug: "device-opened-after-kexec-accepted",
  title: "The kernel lets somebody open the device's node before its VM has it back.",
  tell: (t) => openAfterKexec(t, true),
};

const OTHER_DRIVER: ScenarioPlan = {
  id: "S75",
  slug: "driver-switched",
  title: "vfio-pci preserved the device, another vfio driver gets it in the next kernel.",
  shows: "The driver that preserved a device must be the one that gets it back.",
  profiles: ["p2"],
  tell(t) {
    t.add({ type: "driver_bind", device: NIC.bdf, driver: "vfio-pci", ret: 0 });
    crossed(t);
    t.add({ type: "driver_bind", device: NIC.bdf, driver: "mlx5-vfio-pci", ret: 0 });
    t.finds("own-driver-switch-across-kexec", "warning", NIC.bdf);
    coldBoot(t);
  },
};

function mapWhilePreserved(t: Tale, accepted: boolean): void {
  const vm = setup(t);
  const more = vm.vmm.sealedMemfd("hotplug", 2n * MIB);
  preserve(vm);
  const ending: Ending = accepted ? { kernel: "ok" } : { refused: "EBUSY" };
  const place = { ioas: vm.ioas, memfd: more, iova: vm.memory_bytes, length_bytes: 2n * MIB };
  vm.vmm.mapFile(vm.iommufd, place, ending);
  const ioas = keptIoasName(vm.ioas);
  if (accepted) t.finds("imm-map-on-preserved-ioas", "error", ioas);
  cancel(vm);
}

const MAPPED: ScenarioPlan = {
  id: "S76",
  slug: "mapped-while-preserved",
  title: "Memory is mapped between PRESERVE_FD and the kexec; the kernel refuses.",
  shows: "The mappings of a preserved page table stand still.",
  profiles: ["p1v1", "p1v5", "p2"],
  tell: (t) => mapWhilePreserved(t, false),
};

const MAPPED_ACCEPTED: ScenarioPlan = {
  ...MAPPED,
  slug: "mapped-while-preserved-accepted",
  title: "The kernel lets user space map memory between PRESERVE_FD and the kexec.",
  tell: (t) => mapWhilePreserved(t, true),
};

const COPIED_FROM: ScenarioPlan = {
  ...MAPPED,
  slug: "copied-from-while-preserved",
  title: "A mapping is copied from a preserved IOAS into another one.",
  shows: "Reading from what is preserved changes nothing.",
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    const { vmm, iommufd, memory_bytes: length_bytes } = vm;
    const to = vmm.allocIoas(iommufd);
    copyMapping(vmm, iommufd, { from: vm.ioas, to, iova: 0n, length_bytes });
    cancel(vm);
  },
};

const BACK_REFUSED: ScenarioPlan = {
  id: "S78",
  slug: "back-to-restored-refused",
  title: "A device that was replaced is to go back to the restored HWPT; the kernel refuses.",
  shows: "Once replaced, a restored page table serves nobody any more.",
  profiles: ["seed"],
  tell(t) {
    const vm = crossed(t);
    const restored = restore(vm);
    vm.vmm.attach(vm.cdev, restored, { refused: "EINVAL" });
    done(vm, restored);
  },
};

const BACK: ScenarioPlan = {
  id: "S78",
  slug: "back-to-restored",
  title: "A device that was replaced goes back to the restored HWPT.",
  shows: "Nothing pins the memory behind a restored page table.",
  profiles: ["seed", "p2"],
  tell(t) {
    const vm = crossed(t);
    const restored = restore(vm);
    const refused = t.machine.profile.restore.attach_back;
    vm.vmm.attach(vm.cdev, restored, refused === undefined ? {} : { kernel: "ok" });
    t.finds("imm-replace-with-restored", "error", NIC.bdf, DOMAIN1);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    done(vm, restored);
  },
};

const DESTROYED: ScenarioPlan = {
  id: "S79",
  slug: "destroyed-while-preserved",
  title: "A preserved HWPT with its device on it is destroyed: EBUSY.",
  shows: "What is preserved stays.",
  profiles: ["p2"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    vm.vmm.destroy(vm.iommufd, vm.hwpt, { refused: "EBUSY" });
    t.finds("api-destroy-in-use", "warning", KEPT_HWPT);
    cancel(vm);
  },
};

const DESTROYED_ACCEPTED: ScenarioPlan = {
  ...DESTROYED,
  slug: "destroyed-while-preserved-accepted",
  title: "The kernel lets user space destroy a preserved HWPT.",
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    vm.vmm.destroy(vm.iommufd, vm.hwpt, { kernel: "ok" });
    t.finds("imm-destroy-preserved-hwpt", "error", KEPT_HWPT);
    cancel(vm);
  },
};

const NEVER_DESTROYED: ScenarioPlan = {
  id: "S84",
  slug: "restored-hwpt-never-destroyed",
  title: "The update is finished, and the replaced restored HWPT is left lying.",
  shows: "Destroy the restored handle once it is replaced.",
  profiles: RESTORING,
  tell(t) {
    const vm = crossed(t);
    restore(vm);
    vm.vmm.finish(vm.session);
    handleIsLeft(t);
    vm.vmm.close(vm.session);
    vm.manager.close(vm.manager_session);
    t.wait(TEN_MINUTES_NS);
    t.findsAtEnd("leak-restored-hwpt-after-replace", "warning", DOMAIN1);
  },
};

const NO_DEVICE: ScenarioPlan = {
  id: "S87",
  slug: "domain-without-device",
  title: "A marked HWPT is preserved with no device on it; its token gives nothing back.",
  shows: "A page table crosses through a device that uses it.",
  profiles: ["p2"],
  tell(t) {
    const vm = setup(t);
    const standby = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.mark(vm.iommufd, standby, BigInt(HWPT_TOKEN + 1));
    preserve(vm);
    kexec(vm);
    t.findsAt(rebootSeq(t), "cmp-domain-without-device", "warning", SECOND_KEPT_HWPT);
    fetchSession(vm);
    retrieveFiles(vm);
    vm.device_id = vm.vmm.bind(vm.cdev, vm.iommufd);
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN + 1, { refused: "ENOENT" });
    coldBoot(t);
  },
};

const TOKEN_TAKEN: ScenarioPlan = {
  id: "S99",
  slug: "mark-token-taken",
  title: "A second HWPT is marked with a token that is in use: EADDRINUSE.",
  shows: "A token names one HWPT of its iommufd.",
  profiles: ["p1v5", "p2"],
  tell(t) {
    const vm = setup(t);
    const { vmm, iommufd } = vm;
    const other = vmm.allocHwpt(iommufd, vm.device_id, vm.ioas);
    vmm.mark(iommufd, other, BigInt(HWPT_TOKEN), { refused: "EADDRINUSE" });
    t.finds("api-mark-token-collision", "warning", hwptName(other), hwptName(vm.hwpt));
  },
};

const MARKED_NESTED: ScenarioPlan = {
  ...TOKEN_TAKEN,
  slug: "mark-of-nested-page-table",
  title: "A guest's own page table is marked: ENOENT.",
  shows: "A guest's table lies in its memory; only the parent can be marked.",
  tell(t) {
    const vm = setupNested(t);
    vm.vmm.mark(vm.iommufd, vm.nested, BigInt(HWPT_TOKEN + 1), { refused: "ENOENT" });
    t.finds("api-mark-nonpaging", "warning", nestedName(vm.nested));
  },
};

const MARKED_IOAS: ScenarioPlan = {
  ...TOKEN_TAKEN,
  slug: "mark-of-no-page-table",
  title: "The id of an IOAS is marked: ENOENT.",
  shows: "Only page tables that the kernel manages can be marked.",
  tell(t) {
    const vm = setup(t);
    vm.vmm.mark(vm.iommufd, vm.ioas, BigInt(HWPT_TOKEN + 1), { refused: "ENOENT" });
    t.finds("api-mark-nonpaging", "warning", ioasName(vm.ioas));
  },
};

const NEVER_PRESERVED: ScenarioPlan = {
  ...TOKEN_TAKEN,
  slug: "marked-and-not-preserved",
  title: "A HWPT is marked, and its iommufd is in no session when the machine jumps.",
  shows: "A mark alone preserves nothing.",
  tell(t) {
    const vm = setup(t);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    t.add({ type: "device_reset", device: NIC.bdf });
    t.add({ type: "bus_master", device: NIC.bdf, enabled: false });
    kexec(vm);
    t.findsAt(rebootSeq(t), "api-mark-never-preserved", "info", hwptName(vm.hwpt));
    fetchSession(vm);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    vm.vmm.finish(vm.session);
  },
};

const CLOSED_EARLY: ScenarioPlan = {
  id: "S103",
  slug: "closed-after-preserve",
  title: "The VMM closes memory, iommufd and device once they are preserved.",
  shows: "The session keeps what it preserves alive.",
  profiles: ["p2"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    for (const fd of [vm.memfd, vm.iommufd, vm.cdev]) vm.vmm.close(fd);
    kexec(vm);
    done(vm, restore(vm));
  },
};

export const UNIT_DOMAINS: readonly ScenarioPlan[] = [
  OPENED,
  OPENED_ACCEPTED,
  OTHER_DRIVER,
  MAPPED,
  MAPPED_ACCEPTED,
  COPIED_FROM,
  BACK,
  BACK_REFUSED,
  DESTROYED,
  DESTROYED_ACCEPTED,
  NEVER_DESTROYED,
  NO_DEVICE,
  TOKEN_TAKEN,
  MARKED_NESTED,
  MARKED_IOAS,
  NEVER_PRESERVED,
  CLOSED_EARLY,
];
