import { describeRule } from "../../support/rule-test.js";
import { ONE_NIC, startVm } from "../../support/vm.js";

describeRule("api-use-after-destroy", {
  profile: "luo73",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, cdev, hwpt } = startVm(t);
    vmm.detach(cdev);
    vmm.destroy(iommufd, hwpt);
    vmm.attach(cdev, hwpt, { refused: "ENOENT" });
    t.found(
      "warning",
      "VFIO_DEVICE_ATTACH_IOMMUFD_PT names iommufd#1/hwpt:3, which was destroyed before",
    );
  },
  silent(t) {
    const { vmm, iommufd, cdev, device, ioas, hwpt } = startVm(t);
    vmm.attach(cdev, 77, { refused: "ENOENT" });
    vmm.detach(cdev);
    vmm.destroy(iommufd, hwpt);
    // The lowest free id is given out again: it names another page table now.
    vmm.allocHwpt(iommufd, device, ioas);
    vmm.attach(cdev, hwpt);
  },
  cases: {
    "a second DESTROY of the same id"(t) {
      const vmm = t.start("vmm");
      const iommufd = vmm.open("/dev/iommu");
      const ioas = vmm.allocIoas(iommufd);
      vmm.destroy(iommufd, ioas);
      vmm.destroy(iommufd, ioas, { refused: "ENOENT" });
      t.found("warning", "IOMMU_DESTROY names iommufd#1/ioas:1, which was destroyed before");
    },
    "a kernel that accepts it breaks the rule"(t) {
      const vmm = t.start("vmm");
      const iommufd = vmm.open("/dev/iommu");
      const ioas = vmm.allocIoas(iommufd);
      vmm.destroy(iommufd, ioas);
      vmm.unmap(iommufd, ioas, 0n, 4096n, { kernel: "ok" });
      t.found(
        "error",
        "the kernel accepted IOMMU_IOAS_UNMAP on iommufd#1/ioas:1, which was destroyed before",
      );
    },
    "an id of another iommufd is another id"(t) {
      const vmm = t.start("vmm");
      const first = vmm.open("/dev/iommu");
      vmm.destroy(first, vmm.allocIoas(first));
      const second = vmm.open("/dev/iommu");
      vmm.destroy(second, 1, { refused: "ENOENT" });
    },
  },
});
