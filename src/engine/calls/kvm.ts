import { Call, O_CLOEXEC, O_RDWR } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { FileObject } from "../file/file-object.js";
import { GuestMemfd } from "../kvm/guest-memfd.js";
import { KvmVm } from "../kvm/kvm-vm.js";
import type { Machine } from "../machine.js";
import { FilePages } from "../memory/file-pages.js";

/**
 * What KVM itself answers is not modelled: nothing is claimed about these calls. They are followed
 * so that their files can be preserved.
 */
export function kvmCreateVm(machine: Machine, event: EventOf<"kvm_create_vm">): Outcome {
  const call = newCall(machine, event);
  if (!call.accept()) return call;
  const lineage = machine.lineages.start("kvm_vm", "");
  const vm = new KvmVm(machine.newSerial(), event.vm_type ?? 0, lineage, machine.epoch);
  install(call, vm, event.ret);
  return call;
}

/** @source kvm_gmem_create, virt/kvm/guest_memfd.c (v7.3.4) */
export function kvmCreateGuestMemfd(
  machine: Machine,
  event: EventOf<"kvm_create_guest_memfd">,
): Outcome {
  const call = newCall(machine, event);
  const vm = call.process.fds.getUsable(event.fd)?.object;
  if (!(vm instanceof KvmVm)) {
    call.reject("ENOTTY", "the descriptor is no VM's");
    return call;
  }
  if (!call.accept()) return call;
  const pages = new FilePages(machine.newSerial(), machine.page_size, undefined);
  const { size, flags } = event;
  const serial = machine.newSerial();
  const lineage = machine.lineages.start("guest_memfd", "");
  const memfd = new GuestMemfd(serial, vm, pages, size, flags, lineage, machine.epoch);
  install(call, memfd, event.ret);
  return call;
}

/**
 * A touch of a page that is not there brings one, unless the file is frozen. The trace need not
 * show every touch, so which pages are there is a guess.
 *
 * @source kvm_gmem_get_folio, virt/kvm/guest_memfd.c (KVM guest_memfd preservation, RFC v2)
 */
export function guestMemfdFault(machine: Machine, event: EventOf<"guest_memfd_fault">): Outcome {
  const call = newCall(machine, event);
  const memfd = call.process.fds.getUsable(event.fd)?.object;
  if (!(memfd instanceof GuestMemfd)) return call;
  if (memfd.frozen && !memfd.hasPage(event.offset)) {
    call.reject("EPERM", "the file is preserved, no page can come");
    if (!call.observedSuccess) return call;
    memfd.touch(event.offset);
  } else if (call.accept()) memfd.touch(event.offset);
  return call;
}

type KvmEvent = EventOf<"kvm_create_vm" | "kvm_create_guest_memfd" | "guest_memfd_fault">;

function newCall<E extends KvmEvent>(machine: Machine, event: E): Call<E> {
  const call = new Call(machine, machine.process(event.pid), event);
  call.unjudged();
  return call;
}

function install(call: Call<KvmEvent>, object: FileObject, observed: number | undefined): void {
  const fd = call.installFd(observed, object, O_RDWR | O_CLOEXEC);
  call.ret = call.adopt("ret", fd, observed);
}
