import { O_RDWR } from "../call/call.js";
import { KvmVm } from "../kvm/kvm-vm.js";
import { defineHandler } from "./handler.js";

/** What the next kernel gets to know about a VM: its type, and nothing else. */
export interface PreservedVm {
  readonly vm_type: number;
}

/**
 * VM files of KVM. The next kernel makes a VM of the same type; vCPUs, memory slots and interrupts
 * do not cross.
 *
 * @source virt/kvm/kvm_luo.c (KVM guest_memfd preservation, RFC v2, 2026-06-05)
 */
export const KVM_VM_HANDLER = defineHandler<PreservedVm>({
  compatible: "kvm_vm_luo_v1",
  source: "KVM guest_memfd preservation, RFC v2 (2026-06-05)",
  canPreserve: (machine, file) => machine.profile.preserve.kvm && file.object instanceof KvmVm,
  identity: (file) => file,
  checkPreserve: () => undefined,
  preserve: ({ file }) => ({ vm_type: file.object instanceof KvmVm ? file.object.vm_type : 0 }),
  unpreserve() {},
  checkFreeze: () => undefined,
  freeze() {},
  unfreeze() {},
  checkRetrieve: () => undefined,
  retrieve(machine, { record }) {
    return machine.newFile(new KvmVm(machine.newSerial(), record.vm_type), O_RDWR);
  },
  checkFinish: () => undefined,
  finish() {},
});
