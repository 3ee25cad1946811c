import { done, replaceDomain, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

const EARLY =
  'session "vm1"@boot2 was finished while restored domain ' +
  "vm1/iommufd#1/hwpt:token=0x4d@boot2 still translates";

describeRule("ses-finish-before-replace", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    t.found("error", EARLY);
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    vm.vmm.finish(vm.session, { refused: "EBUSY" });
    replaceDomain(vm);
    done(vm, restored);
  },
  cases: {
    "the VMM is dead: FINISH itself closes its iommufd, and the device loses its table"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.crash();
      const { manager, manager_session } = vm;
      manager.finish(manager_session, { kernel: "ok" });
      t.found("error", EARLY);
    },
    "replaced and not destroyed is early enough"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      vm.vmm.finish(vm.session);
    },
  },
  under: {
    seed: {
      "replaced and not destroyed: a counter would refuse"(t) {
        const vm = vmAfterKexec(t);
        retrieveFiles(vm);
        vm.device_id = vm.vmm.bind(vm.cdev, vm.iommufd);
        replaceDomain(vm);
        vm.vmm.finish(vm.session);
        t.found(
          "info",
          'session "vm1"@boot2 was finished while restored domain ' +
            "vm1/iommufd#1/hwpt:token=0x4d@boot2 exists: with a counter FINISH would be refused",
        );
      },
    },
  },
});
