import { done, replaceDomain, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

const STUCK =
  'session "vm1"@boot2 is stuck until a kexec: at its last close token 0x2 could not ' +
  "finish, although vm1/iommufd#1 was retrieved";

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
    "refused finishes are its proof"(t) {
      const vm = vmAfterKexec(t);
      vm.manager.close(vm.manager_session);
      retrieveFiles(vm);
      vm.vmm.finish(vm.session, { refused: "EBUSY" });
      const refused = t.last_seq;
      vm.vmm.crash();
      t.found("error", STUCK);
      t.because(
        t.seqOf("LIVEUPDATE_SESSION_PRESERVE_FD", 1),
        t.seqOf("LIVEUPDATE_SESSION_RETRIEVE_FD", 1),
        refused,
      );
    },
    "somebody else holds it"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      vm.vmm.crash();
    },
    "a file that nobody asked for is named as such"(t) {
      const vm = vmAfterKexec(t);
      vm.manager.close(vm.manager_session);
      vm.vmm.crash();
      t.found(
        "error",
        'session "vm1"@boot2 is stuck until a kexec: at its last close token 0x2 could not ' +
          "finish, because vm1/iommufd#1 was never retrieved",
      );
    },
    "memory alone never refuses"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.close(session);
    },
  },
});
