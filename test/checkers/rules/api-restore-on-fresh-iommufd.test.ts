import { done, HWPT_TOKEN, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC } from "../../support/vm.js";

describeRule("api-restore-on-fresh-iommufd", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    vm.vmm.restoreHwpt(vm.vmm.open("/dev/iommu"), HWPT_TOKEN, { refused: "ENOTTY" });
    t.found(
      "warning",
      "IOMMU_HWPT_LU_RESTORE on iommufd#2@boot2, which did not come out of a session",
    );
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
    // It did come out of a session; that is finished now.
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOTTY" });
  },
});
