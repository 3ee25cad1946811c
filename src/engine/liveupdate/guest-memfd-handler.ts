import { assert } from "../assert.js";
import { O_RDWR } from "../call/call.js";
import { GUEST_MEMFD_FLAG_INIT_SHARED, GuestMemfd } from "../kvm/guest-memfd.js";
import { KvmVm } from "../kvm/kvm-vm.js";
import { defineHandler } from "./handler.js";
import type { LuoFile } from "./luo-file.js";
import { retrieveFile } from "./retrieve.js";

/** What the next kernel gets to know about a guest_memfd. */
export interface PreservedGuestMemfd {
  /** The file in the kernel that preserved it. */
  readonly memfd: GuestMemfd;
  /** Its VM, as a file of the same session; found at the freeze, so that the order is free. */
  vm: LuoFile | undefined;
}

/**
 * guest_memfds that are shared with the host as a whole. Pages that are there stay where they are,
 * none is added. Its VM must be in the same session when the kexec is called, before or after it;
 * asking for the guest_memfd brings the VM back too.
 *
 * @source virt/kvm/guest_memfd_luo.c (KVM guest_memfd preservation, RFC v2, 2026-06-05)
 */
export const GUEST_MEMFD_HANDLER = defineHandler<PreservedGuestMemfd>({
  compatible: "guest_memfd_luo_v1",
  source: "KVM guest_memfd preservation, RFC v2 (2026-06-05)",

  canPreserve({ profile }, { object }) {
    if (!profile.preserve.kvm || !(object instanceof GuestMemfd)) return false;
    return (object.flags & GUEST_MEMFD_FLAG_INIT_SHARED) !== 0n && !object.vm.has_private_memory;
  },

  identity: (file) => file,

  checkPreserve({ file }) {
    if (guestMemfdOf(file.object).size_bytes !== 0n) return undefined;
    return { errno: "EINVAL", why: "the guest_memfd is empty" };
  },

  preserve({ file }) {
    const memfd = guestMemfdOf(file.object);
    memfd.frozen = true;
    return { memfd, vm: undefined };
  },

  unpreserve(_machine, { record }) {
    record.memfd.frozen = false;
  },

  checkFreeze(_machine, luoFile) {
    if (vmIn(luoFile) !== undefined) return undefined;
    return { errno: "ENOENT", why: "the VM of a guest_memfd is not in the session" };
  },

  freeze(_machine, luoFile) {
    luoFile.record.vm = vmIn(luoFile);
  },

  unfreeze() {},

  checkRetrieve(_machine, { session, record }) {
    const { vm } = record;
    if (vm === undefined || session.files.get(vm.token) !== vm) {
      return { errno: "ENOENT", why: "the VM of the guest_memfd is not in the session" };
    }
    if (vm.retrieve_errno === undefined) return undefined;
    return { errno: vm.retrieve_errno, why: "the VM of the guest_memfd could not be retrieved" };
  },

  retrieve(machine, { record: { memfd, vm } }) {
    const object = vm === undefined ? undefined : retrieveFile(machine, vm).object;
    const owner = object instanceof KvmVm ? object : memfd.vm;
    const { pages, size_bytes, flags, lineage } = memfd;
    const serial = machine.newSerial();
    const { epoch } = machine;
    const back = new GuestMemfd(serial, owner, pages, size_bytes, flags, lineage, epoch);
    return machine.newFile(back, O_RDWR);
  },

  checkFinish: () => undefined,

  finish(machine, { state, record }) {
    if (state === "waiting") record.memfd.discard(machine);
  },
});

/** The file of the session that is this guest_memfd's VM. */
function vmIn({ session, record }: LuoFile<PreservedGuestMemfd>): LuoFile | undefined {
  for (const other of session.files.values()) {
    if (other.source.object === record.memfd.vm) return other;
  }
  return undefined;
}

function guestMemfdOf(object: object): GuestMemfd {
  assert(object instanceof GuestMemfd, "the guest_memfd handler gets guest_memfds");
  return object;
}
