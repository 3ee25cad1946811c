import { done, end, replaceDomain, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

const OPEN =
  'the trace ends with session "vm1"@boot2 unfinished: ' +
  "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2 still translates for 0000:3b:00.0";

describeRule("leak-session-left-open", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    // The manager still holds the session, but no reaper comes.
    vm.vmm.crash();
    end(t);
    t.found("warning", OPEN);
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
    end(t);
  },
  cases: {
    "a recording that stops in the middle proves nothing"(t) {
      vmAfterKexec(t).vmm.crash();
    },
    "a domain that was replaced can wait for FINISH"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      end(t);
    },
    "a FINISH that was refused has to be made again"(t) {
      const { vm, restored } = claimedVm(t);
      vm.vmm.finish(vm.session, { refused: "EBUSY" });
      const refused = t.last_seq;
      replaceDomain(vm);
      vm.vmm.destroy(vm.iommufd, restored);
      end(t);
      t.found(
        "warning",
        'the trace ends with session "vm1"@boot2 unfinished: ' +
          `FINISH, refused at event ${refused}, was not repeated`,
      );
    },
    "a VMM that lives and does not replace its domain"(t) {
      claimedVm(t);
      end(t);
      t.found("warning", OPEN);
    },
    "a stuck session is another matter"(t) {
      const vm = vmAfterKexec(t);
      vm.manager.close(vm.manager_session);
      vm.vmm.crash();
      end(t);
    },
  },
});
