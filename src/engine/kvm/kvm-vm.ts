import { FileObject } from "../file/file-object.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";

/** Machine types whose memory can be private: the host cannot read it. */
const PRIVATE_TYPES: ReadonlySet<number> = new Set([1, 4, 5]);

/**
 * A virtual machine of KVM: what the descriptor from KVM_CREATE_VM refers to. Only its type and the
 * guest_memfds that belong to it are looked into.
 *
 * @source virt/kvm/kvm_main.c, KVM_X86_* in arch/x86/include/uapi/asm/kvm.h (v7.3.4)
 */
export class KvmVm extends FileObject {
  readonly kind = "kvm_vm";

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly vm_type: number,
    /** That of the VM that was preserved, where it is one that LUO brought back. */
    override readonly lineage: Lineage,
    /** The kernel it is in. */
    readonly epoch: number,
  ) {
    super();
  }

  /** SW_PROTECTED, SNP and TDX machines. */
  get has_private_memory(): boolean {
    return PRIVATE_TYPES.has(this.vm_type);
  }

  override describe(): string {
    return lineageText(this.lineage) + bootText(this.epoch);
  }
}
