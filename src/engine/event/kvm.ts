/** KVM, as far as its files hold guest memory and cross a live update; and what memory is for. */

import * as z from "zod";
import { call, fd, result, u32, u64 } from "./scalars.js";

/** KVM_CREATE_VM on /dev/kvm. */
export const kvmCreateVm = z.strictObject({
  ...call,
  type: z.literal("kvm_create_vm"),
  fd,
  /** The machine type that was asked for, KVM_X86_DEFAULT_VM (0) and so on. */
  vm_type: u32.optional(),
  ...result,
});

/** KVM_CREATE_GUEST_MEMFD on the descriptor of a VM. */
export const kvmCreateGuestMemfd = z.strictObject({
  ...call,
  type: z.literal("kvm_create_guest_memfd"),
  fd,
  size: u64,
  /** GUEST_MEMFD_FLAG_MMAP (1), GUEST_MEMFD_FLAG_INIT_SHARED (2). */
  flags: u64,
  ...result,
});

/** A vCPU, or the VMM through a mapping, touched a page of a guest_memfd; what came of it. */
export const guestMemfdFault = z.strictObject({
  ...call,
  type: z.literal("guest_memfd_fault"),
  fd,
  offset: u64,
  ...result,
});

/** The file behind a descriptor is the memory of a guest: no call says what memory is for. */
export const guestMemory = z.strictObject({
  ...call,
  type: z.literal("guest_memory"),
  fd,
  /** Name of the VM. */
  vm: z.string(),
  /** Name of the session that is to carry the VM; absent: the one that has the VM's name. */
  session: z.string().optional(),
});
