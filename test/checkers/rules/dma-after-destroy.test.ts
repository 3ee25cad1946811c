import { done, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, dma, ONE_NIC, startVm, strangeDma } from "../../support/vm.js";

describeRule("dma-after-destroy", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, cdev, device, hwpt } = startVm(t);
    const empty = vmm.allocHwpt(iommufd, device, vmm.allocIoas(iommufd));
    vmm.attach(cdev, empty);
    vmm.destroy(iommufd, hwpt);
    const destroyed = t.last_seq;
    strangeDma(t, "write", 0x1000n);
    t.found(
      "error",
      "0000:3b:00.0 reached 0x1000..0x1fff, which only iommufd#1/hwpt:3 mapped; " +
        `that is destroyed since ${destroyed}`,
    );
  },
  silent(t) {
    const { vmm, iommufd, cdev, device, ioas, hwpt } = startVm(t);
    // Another page table maps the same.
    vmm.attach(cdev, vmm.allocHwpt(iommufd, device, ioas));
    vmm.destroy(iommufd, hwpt);
    dma(t, "write", 0x1000n);
    dma(t, "write", 0x8000_0000n, "fault");
  },
  cases: {
    "what was mapped after it was destroyed was never in it"(t) {
      const { vmm, iommufd, cdev, device, ioas, hwpt } = startVm(t);
      const empty = vmm.allocHwpt(iommufd, device, vmm.allocIoas(iommufd));
      vmm.attach(cdev, empty);
      vmm.destroy(iommufd, hwpt);
      const more = { ioas, memfd: vmm.sealedMemfd("more", 0x1000n) };
      vmm.mapFile(iommufd, { ...more, iova: 0x80_0000_0000n, length_bytes: 0x1000n });
      strangeDma(t, "write", 0x80_0000_0000n);
    },
    "what was unmapped after it was destroyed was in it"(t) {
      const { vmm, iommufd, cdev, device, ioas, hwpt } = startVm(t);
      const empty = vmm.allocHwpt(iommufd, device, vmm.allocIoas(iommufd));
      vmm.attach(cdev, empty);
      vmm.destroy(iommufd, hwpt);
      const destroyed = t.last_seq;
      vmm.ioctl(iommufd, "IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: 0n, length: 2n ** 64n - 1n });
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        "0000:3b:00.0 reached 0x1000..0x1fff, which only iommufd#1/hwpt:3 mapped; " +
          `that is destroyed since ${destroyed}`,
      );
    },
    "a restored domain"(t) {
      const { vm, restored } = claimedVm(t);
      replaceDomain(vm);
      vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, vm.memory_bytes);
      done(vm, restored);
      const destroyed = t.events.find(
        (event) => event.type === "ioctl" && event.op === "IOMMU_DESTROY",
      );
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        "0000:3b:00.0 reached 0x1000..0x1fff, which only " +
          "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2 mapped; " +
          `that is destroyed since ${destroyed?.seq}`,
      );
    },
  },
});
