import { done, replaceDomain, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

const STUCK =
  'session "vm1" is stuck until a kexec: its last close came while token 0x2 cannot finish';

describeRule("leak-session-stuck", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    vm.manager.close(vm.manager_session);
    retrieveFiles(vm);
    vm.vmm.crash();
    t.found("error", STUCK);
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
  },
  cases: {
    "somebody else holds it"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      vm.vmm.crash();
    },
    "memory alone never refuses"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.close(session);
    },
  },
});
