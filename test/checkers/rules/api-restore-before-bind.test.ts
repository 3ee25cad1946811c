import { HWPT_TOKEN, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

describeRule("api-restore-before-bind", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    const refused = t.machine.profile.restore.restore_before_bind;
    const ending = refused === undefined ? {} : { refused };
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, ending);
    t.found(
      "warning",
      "token 0x4d of vm1/iommufd#1@boot2 is restored while 0000:3b:00.0, which used it, is " +
        "not bound",
    );
  },
  silent(t) {
    claimedVm(t);
  },
});
