import { assert } from "../assert.js";
import { O_RDWR } from "../call/call.js";
import { KvmVm } from "../kvm/kvm-vm.js";
import type { Lineage } from "../lineage.js";
import { defineHandler } from "./handler.js";

/** What the next kernel gets to know about a VM: its type, and nothing else. */
export interface PreservedVm {
  readonly vm_type: number;
  /** Which VM it is, across kernels. */
  readonly lineage: Lineage;
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
  preserve({ file: { object } }) {
    assert(object instanceof KvmVm, "the handler of VMs gets VMs");
    const { vm_type, lineage } = object;
    return { vm_type, lineage };
  },
  unpreserve() {},
  checkFreeze: () => undefined,
  freeze() {},
  unfreeze() {},
  checkRetrieve: () => undefined,
  retrieve(machine, { record }) {
    const { vm_type, lineage } = record;
    const vm = new KvmVm(machine.newSerial(), vm_type, lineage, machine.epoch);
    return machine.newFile(vm, O_RDWR);
  },
  checkFinish: () => undefined,
  finish() {},
});
