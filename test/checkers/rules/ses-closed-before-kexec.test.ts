import { expect, test } from "vitest";
import { ruleById } from "../../../src/checkers/rules/index.js";
import { kexec, marker, memfd, preserveRam, startManager } from "../../support/calls.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";
import { jumpOver, ONE_NIC, preservedVm } from "../../support/vm.js";

/** A VMM that alone holds its session and its memory. */
function lonelyVmm(t: Story) {
  const manager = t.start("manager");
  const vmm = t.start("vmm");
  const luo = vmm.open("/dev/liveupdate");
  const session = vmm.createSession(luo, "vm1");
  vmm.preserve(session, memfd(vmm, "ram"), 1n);
  return { manager, vmm, session };
}

describeRule("ses-closed-before-kexec", {
  profile: "luo73",
  fires(t) {
    const { manager, vmm } = lonelyVmm(t);
    vmm.exit();
    kexec(t, manager.pid);
    t.foundAt(
      t.last_seq - 1,
      "error",
      'pid 101 (vmm) closed session "vm1" before the kexec; ' +
        "what it held (token 0x1) does not cross",
    );
  },
  silent(t) {
    const { manager, luo, session, ram } = preserveRam(t);
    manager.close(session);
    const again = manager.createSession(luo, "vm1");
    manager.preserve(again, ram, 1n);
    kexec(t, manager.pid);
  },
  cases: {
    "a declared cancel is meant"(t) {
      const { manager, session } = preserveRam(t);
      manager.close(session);
      marker(t, "cancel");
      kexec(t, manager.pid);
    },
    "so is one that is declared before the close"(t) {
      const { manager, session } = preserveRam(t);
      marker(t, "cancel");
      manager.close(session);
      kexec(t, manager.pid);
    },
    "a cancel says nothing about what is preserved after it"(t) {
      const { manager, luo, session, ram } = preserveRam(t);
      marker(t, "cancel");
      manager.close(session);
      const again = manager.createSession(luo, "vm1");
      manager.preserve(again, ram, 1n);
      manager.close(again);
      kexec(t, manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'pid 100 (manager) closed session "vm1"#2 before the kexec; ' +
          "what it held (token 0x1) does not cross",
      );
    },
    "memory that is still there and in no session was forgotten"(t) {
      const { manager, session } = preserveRam(t);
      manager.close(session);
      kexec(t, manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'pid 100 (manager) closed session "vm1" before the kexec; ' +
          "what it held (token 0x1) does not cross",
      );
    },
    "memory that its owner let go after the close is not missed"(t) {
      const { manager, session, ram } = preserveRam(t);
      manager.close(session);
      manager.close(ram);
      kexec(t, manager.pid);
    },
    "nor is memory that only the session still held, once it is closed on purpose"(t) {
      const { manager, session, ram } = preserveRam(t);
      manager.close(ram);
      manager.close(session);
      kexec(t, manager.pid);
    },
    "an empty session loses nothing"(t) {
      const { manager, luo } = startManager(t);
      manager.close(manager.createSession(luo, "vm1"));
      kexec(t, manager.pid);
    },
    "without a kexec nothing is lost"(t) {
      const { vmm } = lonelyVmm(t);
      vmm.exit();
    },
    "a second descriptor keeps the session"(t) {
      const manager = t.start("manager");
      const luo = manager.open("/dev/liveupdate");
      const held = manager.createSession(luo, "vm1");
      const vmm = manager.spawn("vmm");
      const session = manager.pass(held, vmm);
      vmm.preserve(session, memfd(vmm, "ram"), 1n);
      vmm.exit();
      kexec(t, manager.pid);
    },
  },
});

test("a VM of which only the session holds anything is lost with it, whoever closes it", () => {
  const t = new Story("p2", {}, ONE_NIC);
  const vm = preservedVm(t);
  for (const fd of [vm.memfd, vm.cdev, vm.iommufd, vm.session]) vm.vmm.close(fd);
  vm.manager.close(vm.manager_session);
  jumpOver(vm);
  const rule = ruleById("ses-closed-before-kexec");
  const found = findingsOf(t, rule === undefined ? [] : [rule]);
  expect(found.map(({ message }) => message)).toEqual([
    'pid 100 (manager) closed session "vm1" before the kexec; ' +
      "what it held (tokens 0x1, 0x2, 0x3) does not cross",
  ]);
});
