import { kexec, memfd } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** A VMM that manages its session by itself. */
function lonelyVmm(t: Story) {
  const vmm = t.start("vmm");
  const luo = vmm.open("/dev/liveupdate");
  const session = vmm.createSession(luo, "vm1");
  vmm.preserve(session, memfd(vmm, "ram"), 1n);
  return { vmm, session };
}

describeRule("leak-session-fd-single-holder", {
  profile: "luo73",
  fires(t) {
    const { vmm } = lonelyVmm(t);
    kexec(t, vmm.pid);
    t.foundAt(
      t.last_seq - 1,
      "warning",
      'only pid 100 (vmm) holds session "vm1" at the kexec; its crash would have cancelled it',
    );
  },
  silent(t) {
    const manager = t.start("manager");
    const held = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
    const vmm = manager.spawn("vmm");
    const session = manager.pass(held, vmm);
    vmm.preserve(session, memfd(vmm, "ram"), 1n);
    kexec(t, manager.pid);
  },
  cases: {
    "stopped before the kexec"(t) {
      const { vmm } = lonelyVmm(t);
      vmm.exit();
      t.found(
        "warning",
        'pid 100 (vmm) was the only holder of session "vm1" and ended before the kexec; ' +
          "it is cancelled",
      );
      kexec(t, t.start("pid1").pid);
    },
    "a VMM that ends without a kexec takes nothing away"(t) {
      const { vmm } = lonelyVmm(t);
      vmm.exit();
      t.start("pid1");
    },
    "during the restore"(t) {
      const before = lonelyVmm(t);
      kexec(t, before.vmm.pid);
      t.foundAt(
        t.last_seq - 1,
        "warning",
        'only pid 100 (vmm) holds session "vm1" at the kexec; its crash would have cancelled it',
      );
      const vmm = t.start("vmm");
      const session = vmm.retrieveSession(vmm.open("/dev/liveupdate"), "vm1");
      vmm.retrieve(session, 1n);
      t.found(
        "warning",
        'only pid 101 (vmm) holds session "vm1"@boot2 during the restore; its crash finishes it',
      );
    },
    "a crash before the first retrieve shows it too"(t) {
      const manager = t.start("manager");
      const held = manager.createSession(manager.open("/dev/liveupdate"), "vm1");
      manager.preserve(held, memfd(manager, "ram"), 1n);
      kexec(t, manager.pid);
      const vmm = t.start("vmm");
      vmm.retrieveSession(vmm.open("/dev/liveupdate"), "vm1");
      vmm.crash();
      t.found(
        "warning",
        'pid 101 (vmm) was the only holder of session "vm1"@boot2 and ended before it was ' +
          "finished",
      );
    },
    "a process without a role may be a manager"(t) {
      t.add({ type: "process_start", pid: 50 });
      const holder = t.start("manager");
      const session = holder.createSession(holder.open("/dev/liveupdate"), "vm1");
      holder.preserve(session, memfd(holder, "ram"), 1n);
      kexec(t, holder.pid);
    },
    "a message in flight is a second holder"(t) {
      const { vmm, session } = lonelyVmm(t);
      const { pid } = vmm;
      t.add({ type: "new_fds", pid, what: "socketpair", fds: [70, 71], ret: 0 });
      t.add({ type: "send_fds", pid, socket: 70, fds: [session], ret: 1 });
      kexec(t, pid);
    },
    "an empty session is worth nothing"(t) {
      const vmm = t.start("vmm");
      vmm.createSession(vmm.open("/dev/liveupdate"), "vm1");
      kexec(t, vmm.pid);
    },
  },
});
