import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import type { GuestMemfd } from "../kvm/guest-memfd.js";
import { FALLOC_FL_PUNCH_HOLE } from "./fallocate.js";

/**
 * fallocate(2) of a guest_memfd. That the file is frozen is looked at before all else; what KVM
 * answers otherwise is not modelled.
 *
 * @source kvm_gmem_fallocate, virt/kvm/guest_memfd.c (KVM guest_memfd preservation, RFC v2)
 */
export function fallocateGuestMemfd(call: Call<EventOf<"fallocate">>, memfd: GuestMemfd): void {
  const { machine, event } = call;
  if (memfd.frozen) {
    call.reject("EPERM", "the file is preserved");
    if (!call.observedSuccess) return;
  } else {
    call.unjudged();
    if (!call.accept()) return;
  }
  if (event.length === 0n) return;
  const first = memfd.pages.pageOf(event.offset);
  const last = memfd.pages.pageOf(event.offset + event.length - 1n);
  if ((event.mode & FALLOC_FL_PUNCH_HOLE) !== 0) memfd.pages.free(first, last, machine.seq);
  else memfd.pages.allocate(first, last);
}
