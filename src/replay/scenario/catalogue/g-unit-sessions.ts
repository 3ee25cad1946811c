/** G. One rule each: sessions, memory and the trace itself. */

import { jump, MEMORY_TOKEN, MIB } from "../blocks.js";
import {
  addSeals,
  createGuestMemfd,
  createKvmVm,
  F_SEAL_SHRINK,
  getSeals,
  memfd,
  touch,
} from "../process-calls.js";
import { tokenName, VM1, VM1_ARRIVED } from "./names.js";
import { EVERY, LUO_ONLY, type ScenarioPlan } from "./plan.js";
import { coldBoot, crossRam, ramSession } from "./turns.js";

const PAGE_BYTES = 0x1000n;

const SEALED_LATE: ScenarioPlan = {
  id: "S81",
  slug: "sealed-after-preserve",
  title: "A memfd is sealed after it was preserved; the seal does not cross.",
  shows: "Seals are written down when the memfd is preserved.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t, "vm0");
    const { manager } = ram;
    const session = manager.createSession(ram.luo, "vm1");
    const late = memfd(manager, "late", 2n * MIB);
    manager.preserve(session, late, MEMORY_TOKEN);
    addSeals(manager, late, F_SEAL_SHRINK);
    t.finds("imm-seals-added-after-preserve", "warning", tokenName(MEMORY_TOKEN));
    crossRam(ram, t);
    getSeals(ram.manager, ram.manager.retrieve(ram.session, MEMORY_TOKEN));
    ram.manager.finish(ram.session);
    const other = ram.manager.retrieveSession(ram.luo, "vm0");
    ram.manager.retrieve(other, MEMORY_TOKEN);
    ram.manager.finish(other);
  },
};

const FROZEN_GUEST_MEMFD: ScenarioPlan = {
  id: "S82",
  slug: "guest-memfd-fault-while-frozen",
  title: "A guest_memfd is preserved while its guest runs, and the guest needs a new page: EPERM.",
  shows: "Pause the vCPUs before guest memory is frozen.",
  profiles: ["p2"],
  tell(t) {
    const manager = t.start("manager");
    const held = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
    const vmm = manager.spawn("vmm");
    const session = manager.pass(held, vmm);
    const vm = createKvmVm(vmm);
    const memory = createGuestMemfd(vmm, vm, 2n * MIB);
    touch(vmm, memory, 0n);
    vmm.preserve(session, memory, MEMORY_TOKEN);
    vmm.preserve(session, vm, 2n);
    touch(vmm, memory, PAGE_BYTES, { refused: "EPERM" });
    t.finds("imm-guest-memfd-fault-while-frozen", "warning", tokenName(MEMORY_TOKEN));
    vmm.close(session);
    manager.close(held);
    touch(vmm, memory, PAGE_BYTES);
  },
};

const UNREFERENCED: ScenarioPlan = {
  id: "S85",
  slug: "memory-arrives-unreferenced",
  title: "Of two memfds that arrive one is never retrieved, and FINISH never called.",
  shows: "Only RETRIEVE_FD and FINISH end the reservation of memory that arrived.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    ram.manager.preserve(ram.session, ram.manager.sealedMemfd("more", 2n * MIB), 2n);
    crossRam(ram, t);
    ram.manager.retrieve(ram.session, MEMORY_TOKEN);
    t.findsAtEnd("leak-preserved-memory-unreferenced", "info", tokenName(2n, VM1_ARRIVED));
  },
};

const TOO_SOON: ScenarioPlan = {
  id: "S93",
  slug: "retrieved-before-kexec",
  title: "A session is retrieved in the kernel that made it: ENOENT.",
  shows: "What a kernel preserves arrives in the next one.",
  profiles: LUO_ONLY,
  tell(t) {
    const { manager, luo } = ramSession(t);
    manager.retrieveSession(luo, "vm1", { refused: "ENOENT" });
    t.finds("ses-retrieve-before-kexec", "warning", VM1);
  },
};

const INTO_ARRIVED: ScenarioPlan = {
  id: "S94",
  slug: "preserved-into-arrived-session",
  title: "A memfd is to go into a session that arrived: EINVAL.",
  shows: "The next update needs a new session.",
  profiles: LUO_ONLY,
  tell(t) {
    const ram = ramSession(t);
    crossRam(ram, t);
    const { manager, session } = ram;
    const memory = manager.retrieve(session, MEMORY_TOKEN);
    manager.preserve(session, memory, 2n, { refused: "EINVAL" });
    t.finds("ses-preserve-after-retrieve", "warning", VM1_ARRIVED);
    manager.finish(session);
  },
};

const AFTER_FREEZE: ScenarioPlan = {
  id: "S96",
  slug: "call-after-serialization",
  title: "PRESERVE_FD returns success after the sessions were written down.",
  shows: "After serialization every call on a session sleeps for ever.",
  profiles: EVERY,
  tell(t) {
    const { manager, session } = ramSession(t);
    const { pid } = manager;
    const late = manager.sealedMemfd("late", 2n * MIB);
    t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
    t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
    manager.preserve(session, late, 2n, { kernel: "ok" });
    t.finds("ses-ioctl-after-freeze", "error", VM1);
    t.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
    coldBoot(t);
  },
};

const LONG_NAME: ScenarioPlan = {
  id: "S97",
  slug: "name-not-terminated",
  title: "A session is to be created with a name of 64 bytes: EINVAL.",
  shows: "A name has at most 63 bytes.",
  profiles: LUO_ONLY,
  tell(t) {
    const manager = t.start("manager");
    const luo = manager.open("/dev/liveupdate");
    const name = "X".repeat(64);
    manager.createSession(luo, name, { refused: "EINVAL" });
    t.finds("ses-name-invalid", "warning", `session "${name}"`);
  },
};

const SAME_NAME: ScenarioPlan = {
  ...LONG_NAME,
  slug: "name-taken",
  title: "A second session is to be created with the name of the first: EEXIST.",
  shows: "A name is unique among the sessions of a kernel.",
  tell(t) {
    const { manager, luo } = ramSession(t);
    manager.createSession(luo, "vm1", { refused: "EEXIST" });
    t.finds("ses-name-invalid", "warning", VM1);
  },
};

const WRONG_NUMBER: ScenarioPlan = {
  id: "S100",
  slug: "number-of-another-series",
  title: "A merged kernel is called with the number that a series uses to mark HWPTs.",
  shows: "In the merged kernel 0x95 is another command: the decoder or the profile is wrong.",
  profiles: LUO_ONLY,
  tell(t) {
    const vmm = t.start("vmm");
    const iommufd = vmm.open("/dev/iommu");
    const call = { type: "ioctl", pid: vmm.pid, fd: iommufd, request: 0x3b95 } as const;
    const args = { size: 16, hwpt_id: 3, hwpt_token: 77n };
    const op = "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE";
    t.call({ ...call, op, in: args }, { kernel: "EINVAL" });
    t.finds("api-wrong-number-for-profile", "warning", "iommufd#1", op);
  },
};

const SNAPSHOT: ScenarioPlan = {
  id: "S102",
  slug: "trace-starts-in-the-middle",
  title: "The trace starts when the session exists; a snapshot says which descriptor it is.",
  shows: "What the snapshot declares is known.",
  profiles: LUO_ONLY,
  snapshot: true,
  tell(t) {
    const manager = t.start("manager");
    const { pid } = manager;
    const session = 5;
    t.add({ type: "snapshot_fd", pid, fd: session, path: "anon_inode:[luo_session] vm1" });
    // Nothing of it arrived, so there is nothing to finish.
    manager.finish(session, { refused: "EINVAL" });
    manager.preserve(session, manager.sealedMemfd("ram", 2n * MIB), MEMORY_TOKEN);
    jump(t, manager);
    const next = t.start("manager");
    const arrived = next.retrieveSession(next.open("/dev/liveupdate"), "vm1");
    next.retrieve(arrived, MEMORY_TOKEN);
    next.finish(arrived);
    next.close(arrived);
  },
};

const SNAPSHOT_ARRIVED: ScenarioPlan = {
  ...SNAPSHOT,
  slug: "trace-starts-in-the-middle-of-a-restore",
  title: "The trace starts in the next kernel, when the session that arrived is retrieved already.",
  shows: "Whether a session of a snapshot arrived is told by what the kernel lets it do.",
  tell(t) {
    const vmm = t.start("vmm");
    const { pid } = vmm;
    const [session, ram] = [5, 6];
    t.add({ type: "snapshot_fd", pid, fd: session, path: "anon_inode:[luo_session] vm1" });
    const retrieve = { type: "ioctl", op: "LIVEUPDATE_SESSION_RETRIEVE_FD", pid } as const;
    t.add({ ...retrieve, fd: session, in: { fd: -1, token: 1n }, ret: 0, out: { fd: ram } });
    const finish = { type: "ioctl", op: "LIVEUPDATE_SESSION_FINISH", pid, fd: session } as const;
    t.add({ ...finish, in: {}, ret: 0 });
    vmm.close(session);
    vmm.close(ram);
  },
};

export const UNIT_SESSIONS: readonly ScenarioPlan[] = [
  SEALED_LATE,
  FROZEN_GUEST_MEMFD,
  UNREFERENCED,
  TOO_SOON,
  INTO_ARRIVED,
  AFTER_FREEZE,
  LONG_NAME,
  SAME_NAME,
  WRONG_NUMBER,
  SNAPSHOT,
  SNAPSHOT_ARRIVED,
];
