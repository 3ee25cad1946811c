/** F. Shared groups, virtual functions, moved devices; several sessions and several managers. */

import type { MachineFacts } from "../../../engine/event/index.js";
import {
  DEVICE_TOKEN,
  dma,
  fetchSession,
  kexec,
  MEMORY_TOKEN,
  NIC,
  ONE_NIC,
  preserve,
  restore,
  setup,
  type Vm,
} from "../blocks.js";
import { attachPasid, detachPasid } from "../process-calls.js";
import type { Ending } from "../scenario.js";
import { FALLBACK } from "./e-discipline.js";
import { nestedName, sessionName, tokenName, VM1, VM1_ARRIVED } from "./names.js";
import { EVERY, LUO_ONLY, type ScenarioPlan, type Tale } from "./plan.js";
import {
  addDevice,
  cancel,
  coldBoot,
  crossRam,
  dmaBy,
  goOn,
  preserveWithoutDevice,
  ramSession,
  rebootSeq,
  setupNested,
} from "./turns.js";

const NESTED: ScenarioPlan = {
  id: "S60",
  slug: "nested-translation",
  title: "A device crosses while it uses its guest's own page table: only the parent crosses.",
  shows: "Addresses of the guest's table go through the parent's after the kexec.",
  profiles: ["rfc2", "p1v5", "p2"],
  tell(t) {
    const vm = setupNested(t);
    preserve(vm);
    dma(vm, 0x2000n);
    kexec(vm);
    t.findsAt(rebootSeq(t), "cmp-nested-not-preserved", "error", NIC.bdf, nestedName(vm.nested));
    if (!t.machine.freeze_stops_device) {
      dma(vm, 0x2000n);
      t.finds("dma-between-pause-and-resume", "info", NIC.bdf);
    }
    coldBoot(t);
  },
};

const NESTED_LEFT: ScenarioPlan = {
  ...NESTED,
  slug: "nested-translation-left",
  title: "The device leaves its guest's page table for the parent before it is preserved.",
  shows: "A page table of the VMM's own can cross.",
  tell(t) {
    const vm = setupNested(t);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    preserve(vm);
    kexec(vm);
    goOn(t, vm);
  },
};

const PASID = 5;

const PASID_REFUSED: ScenarioPlan = {
  id: "S61",
  slug: "pasid-attached",
  title: "The device is refused while a PASID is attached, and preserved when it is not.",
  shows: "What a PASID reaches has no place in the session.",
  profiles: ["p1v5", "p2"],
  tell(t) {
    const vm = setupWithPasid(t);
    const { vmm, session, cdev } = vm;
    vmm.preserve(session, cdev, DEVICE_TOKEN, { kernel: "EOPNOTSUPP" });
    detachPasid(vmm, cdev, PASID, { kernel: "ok" });
    vmm.preserve(session, cdev, DEVICE_TOKEN);
    kexec(vm);
    goOn(t, vm);
  },
};

const PASID_ACCEPTED: ScenarioPlan = {
  ...PASID_REFUSED,
  slug: "pasid-attached-accepted",
  title: "The kernel preserves a device that has a PASID attached.",
  tell(t) {
    const vm = setupWithPasid(t);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: "ok" });
    t.finds("cmp-pasid-attached-at-preserve", "error", NIC.bdf);
    cancel(vm);
  },
};

/** On a machine with PASIDs, where everything but the device is in the session. */
function setupWithPasid(t: Tale): Vm {
  const vm = setup(t);
  attachPasid(vm.vmm, vm.cdev, { pt_id: vm.hwpt, pasid: PASID }, { kernel: "ok" });
  preserveWithoutDevice(vm);
  return vm;
}

const NIC_FUNCTION_1 = { ...NIC, bdf: "0000:3b:00.1", cdev: "vfio1" };
const SHARED_GROUP: MachineFacts = { ...ONE_NIC, devices: [NIC, NIC_FUNCTION_1] };

const SHARED: ScenarioPlan = {
  id: "S63",
  slug: "shared-group-partly-preserved",
  title: "Two functions share a group; only one is preserved, the other goes on with DMA.",
  shows: "A group crosses as a whole or not at all.",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  machine: SHARED_GROUP,
  tell(t) {
    const vm = setup(t, { device: NIC_FUNCTION_1 });
    const { device } = addDevice(vm, vm.hwpt, NIC);
    preserve(vm);
    dmaBy(vm, device, 0xa000n);
    kexec(vm);
    const both = [device.bdf, NIC_FUNCTION_1.bdf] as const;
    t.findsAt(rebootSeq(t), "own-shared-group-partial-preserve", "error", ...both);
    t.findsAt(rebootSeq(t), "cmp-device-not-preserved", "error", device.bdf);
    coldBoot(t);
  },
};

const VF: MachineFacts = { ...ONE_NIC, devices: [{ ...NIC, virtual_function: true }] };

function virtualFunction(t: Tale, ending: Ending): Vm {
  const vm = setup(t);
  preserveWithoutDevice(vm);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, ending);
  return vm;
}

const VF_REFUSED: ScenarioPlan = {
  id: "S64",
  slug: "virtual-function",
  title: "A virtual function of SR-IOV is refused.",
  shows: "Its physical function would have to cross with it.",
  profiles: ["p1v5", "p2"],
  machine: VF,
  tell(t) {
    cancel(virtualFunction(t, { refused: "EOPNOTSUPP" }));
  },
};

const VF_ACCEPTED: ScenarioPlan = {
  ...VF_REFUSED,
  slug: "virtual-function-accepted",
  title: "The kernel preserves a virtual function of SR-IOV.",
  tell(t) {
    const vm = virtualFunction(t, { kernel: "ok" });
    t.finds("dma-by-vf-preserved", "error", NIC.bdf);
    cancel(vm);
  },
};

function twoSessions(t: Tale, ending: Ending): Vm {
  const vm = setup(t);
  preserveWithoutDevice(vm);
  const { manager, vmm } = vm;
  const devices = manager.createSession(vm.luo, "devices");
  vmm.preserve(manager.pass(devices, vmm), vm.cdev, DEVICE_TOKEN, ending);
  return vm;
}

const TWO_SESSIONS: ScenarioPlan = {
  id: "S66",
  slug: "device-in-another-session",
  title: "The device is to go into another session than its iommufd, and is refused.",
  shows: "A device and its iommufd belong into one session.",
  profiles: ["p2"],
  tell(t) {
    cancel(twoSessions(t, { refused: "ENOENT" }));
  },
};

const TWO_SESSIONS_ACCEPTED: ScenarioPlan = {
  ...TWO_SESSIONS,
  slug: "device-in-another-session-accepted",
  title: "The kernel preserves a device in another session than its iommufd.",
  tell(t) {
    const vm = twoSessions(t, { kernel: "ok" });
    t.finds("own-device-session-mismatch", "error", NIC.bdf, sessionName("devices"), VM1);
    cancel(vm);
  },
};

const MOVED: ScenarioPlan = {
  id: "S67",
  slug: "device-moved",
  title: "The next kernel numbers the bus anew: the device is not where its record says.",
  shows: "A device is known by its place on the bus; when that changes it cannot come back.",
  profiles: ["p1v5", "p2"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    kexec(vm);
    const moved = { ...NIC, bdf: "0000:3c:00.0" };
    t.add({ type: "machine", facts: { ...ONE_NIC, devices: [moved] } });
    t.finds("dma-requester-id-changed", "error", NIC.bdf);
    fetchSession(vm);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { kernel: "ENODEV" });
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { kernel: "ENODEV" });
    t.finds("ses-retry-failed-retrieve", "warning", tokenName(DEVICE_TOKEN, VM1_ARRIVED));
    coldBoot(t);
  },
};

const TWO_MANAGERS: ScenarioPlan = {
  id: "S69",
  slug: "two-managers",
  title: "A second process opens /dev/liveupdate: EBUSY.",
  shows: "The node has one user at a time.",
  profiles: EVERY,
  tell(t) {
    t.start("manager").open("/dev/liveupdate");
    t.start("other").open("/dev/liveupdate", { refused: "EBUSY" });
    t.finds("ses-device-open-contention", "info", "/dev/liveupdate");
  },
};

const TWO_CLAIMANTS: ScenarioPlan = {
  id: "S70",
  slug: "two-claimants",
  title: "The manager hands the session to a second VMM while the first one lives.",
  shows: "A VM has one owner: the second comes when the first is gone.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    crossRam(ram, t);
    const { manager } = ram;
    const first = manager.spawn("vmm");
    first.retrieve(manager.pass(ram.session, first), MEMORY_TOKEN);
    const second = manager.spawn("vmm");
    const session = manager.pass(ram.session, second);
    second.retrieve(session, MEMORY_TOKEN);
    t.finds("own-two-claimants-one-session", "error", VM1_ARRIVED);
    second.finish(session);
    t.finds("leak-dead-token", "info", tokenName(MEMORY_TOKEN, VM1_ARRIVED));
  },
};

const TWO_CLAIMANTS_DEVICE: ScenarioPlan = {
  ...TWO_CLAIMANTS,
  slug: "two-claimants-of-a-device",
  profiles: ["p2"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    kexec(vm);
    const restored = restore(vm);
    const second = vm.manager.spawn("vmm");
    const session = vm.manager.pass(vm.manager_session, second);
    second.retrieve(session, MEMORY_TOKEN);
    t.finds("own-two-claimants-one-session", "error", VM1_ARRIVED);
    second.close(session);
    vm.vmm.destroy(vm.iommufd, restored);
    vm.vmm.finish(vm.session);
    t.finds("leak-dead-token", "info", tokenName(MEMORY_TOKEN, VM1_ARRIVED));
  },
};

export const TOPOLOGIES: readonly ScenarioPlan[] = [
  NESTED,
  NESTED_LEFT,
  PASID_REFUSED,
  PASID_ACCEPTED,
  SHARED,
  VF_REFUSED,
  VF_ACCEPTED,
  TWO_SESSIONS,
  TWO_SESSIONS_ACCEPTED,
  MOVED,
  TWO_MANAGERS,
  TWO_CLAIMANTS,
  TWO_CLAIMANTS_DEVICE,
  FALLBACK,
];
