import { kexec, memfd, startManager } from "../../support/calls.js";
import { createGuestMemfd, createKvmVm, guestMemory } from "../../support/kvm.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** A VM with two memfds, of which the first is in its session. */
function halfPreserved(t: Story) {
  const { manager, luo } = startManager(t);
  const session = manager.createSession(luo, "vm1");
  const low = memfd(manager, "ram-low");
  const high = memfd(manager, "ram-high");
  manager.preserve(session, low, 1n);
  return { manager, luo, session, low, high };
}

describeRule("cmp-vm-without-memory", {
  profile: "p2",
  fires(t) {
    const { manager, low, high } = halfPreserved(t);
    guestMemory(manager, low, "vm1");
    guestMemory(manager, high, "vm1");
    kexec(t, manager.pid);
    t.foundAt(
      t.last_seq - 1,
      "error",
      'session "vm1" crosses, but memfd "ram-high", the memory of VM "vm1", is in no session: ' +
        'VM "vm1" is lost',
    );
  },
  silent(t) {
    const { manager, session, low, high } = halfPreserved(t);
    guestMemory(manager, low, "vm1");
    guestMemory(manager, high, "vm1");
    manager.preserve(session, high, 2n);
    kexec(t, manager.pid);
  },
  cases: {
    "what memory is for is not known"(t) {
      kexec(t, halfPreserved(t).manager.pid);
    },
    "another session carries it: that is cmp-memfd-not-in-same-session"(t) {
      const { manager, luo, high } = halfPreserved(t);
      guestMemory(manager, high, "vm1");
      manager.preserve(manager.createSession(luo, "ram"), high, 1n);
      kexec(t, manager.pid);
    },
    "the VM stays behind as a whole"(t) {
      const { manager, high } = halfPreserved(t);
      guestMemory(manager, high, "vm2");
      kexec(t, manager.pid);
    },
    "memory that may be lost"(t) {
      t.states({ disposable: ["ram-high"] });
      const { manager, high } = halfPreserved(t);
      guestMemory(manager, high, "vm1");
      kexec(t, manager.pid);
    },
    "memory that was unplugged"(t) {
      const { manager, high } = halfPreserved(t);
      guestMemory(manager, high, "vm1");
      manager.close(high);
      kexec(t, manager.pid);
    },
    "a guest_memfd, in a session that is not called after its VM"(t) {
      const { manager } = halfPreserved(t);
      const memory = createGuestMemfd(manager, createKvmVm(manager));
      guestMemory(manager, memory, "db", "vm1");
      kexec(t, manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'session "vm1" crosses, but guest_memfd#1, the memory of VM "db", is in no session: ' +
          'VM "db" is lost',
      );
    },
    "the VMM ended, its session goes on without the memory"(t) {
      const { manager } = halfPreserved(t);
      const vmm = manager.spawn("vmm");
      guestMemory(vmm, memfd(vmm, "more"), "vm1");
      vmm.crash();
      kexec(t, manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'session "vm1" crosses, but memfd "more", the memory of VM "vm1", is in no session: ' +
          'VM "vm1" is lost',
      );
    },
  },
});
