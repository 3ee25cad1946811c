import { done, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { kexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

describeRule("cmp-second-update-with-unfinished-session", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    kexec(t, vm.manager.pid);
    t.foundAt(
      t.last_seq - 1,
      "error",
      'session "vm1"@boot2 is not finished at the next update: restored domain ' +
        "vm1/iommufd#1/hwpt:token=0x4d@boot2 still translates and is lost",
    );
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
    kexec(t, vm.manager.pid);
  },
  cases: {
    "memory in a new session is not lost, the page table is"(t) {
      const { vm } = claimedVm(t);
      const held = vm.manager.createSession(vm.luo, "vm1-next");
      const next = vm.manager.pass(held, vm.vmm);
      vm.vmm.preserve(next, vm.memfd, 1n, { kernel: "ok" });
      kexec(t, vm.manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'session "vm1"@boot2 is not finished at the next update: restored domain ' +
          "vm1/iommufd#1/hwpt:token=0x4d@boot2 still translates and is lost",
      );
    },
    "memory that is in use is lost as well"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      kexec(t, vm.manager.pid);
      t.foundAt(
        t.last_seq - 1,
        "error",
        'session "vm1"@boot2 is not finished at the next update: vm1/memfd "ram"@boot2 is in ' +
          "use and is lost",
      );
    },
  },
});
