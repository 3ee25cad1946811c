import { describeRule } from "../../support/rule-test.js";
import { ONE_NIC, startVm } from "../../support/vm.js";

describeRule("api-destroy-in-use", {
  profile: "luo73",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, ioas, hwpt } = startVm(t);
    vmm.destroy(iommufd, hwpt, { refused: "EBUSY" });
    t.found(
      "warning",
      "IOMMU_DESTROY of iommufd#1/hwpt:3, which is in use, was refused; it is still there",
    );
    vmm.destroy(iommufd, ioas, { refused: "EBUSY" });
    t.found(
      "warning",
      "IOMMU_DESTROY of iommufd#1/ioas:2, which is in use, was refused; it is still there",
    );
  },
  silent(t) {
    const { vmm, iommufd, cdev, ioas, hwpt } = startVm(t);
    vmm.detach(cdev);
    vmm.destroy(iommufd, hwpt);
    vmm.destroy(iommufd, ioas);
    vmm.destroy(iommufd, ioas, { refused: "ENOENT" });
  },
  cases: {
    "a kernel that destroys it breaks the rule"(t) {
      const { vmm, iommufd, hwpt } = startVm(t);
      vmm.destroy(iommufd, hwpt, { kernel: "ok" });
      t.found("error", "the kernel destroyed iommufd#1/hwpt:3, which is in use");
    },
  },
});
