import { done, end, replaceDomain, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, jumpOver, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

describeRule("leak-hwpt-not-restored", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    vm.vmm.finish(vm.session, { refused: "EBUSY" });
    end(t);
    t.found(
      "warning",
      'HWPT token 0x4d of session "vm1"@boot2 was never restored: FINISH stays refused',
    );
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
    end(t);
  },
  cases: {
    "a recording that stops in the middle of the restore proves nothing"(t) {
      retrieveFiles(vmAfterKexec(t));
    },
    "the next update ends the wait"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      jumpOver(vm);
      t.found(
        "warning",
        'HWPT token 0x4d of session "vm1"@boot2 was never restored: FINISH stays refused',
      );
      end(t);
    },
    "a session that is stuck shows it without the end"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      vm.manager.close(vm.manager_session);
      vm.vmm.close(vm.session);
      t.found(
        "warning",
        'HWPT token 0x4d of session "vm1"@boot2 was never restored: FINISH stays refused',
      );
    },
    "an iommufd that nobody retrieved is another matter"(t) {
      vmAfterKexec(t);
      end(t);
    },
  },
});
