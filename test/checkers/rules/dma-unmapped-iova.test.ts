import { describeRule } from "../../support/rule-test.js";
import { busMaster, dma, MIB, NIC, ONE_NIC, startVm, strangeDma } from "../../support/vm.js";

describeRule("dma-unmapped-iova", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    startVm(t);
    strangeDma(t, "write", 2n * MIB);
    t.found("error", "0000:3b:00.0 wrote 0x200000..0x200fff, which iommufd#1/hwpt:3 does not map");
  },
  silent(t) {
    const { vmm, iommufd, ioas, ram } = startVm(t);
    dma(t, "write", 0n);
    dma(t, "read", MIB - 4096n);
    const more = { ioas, memfd: ram, iova: 2n * MIB, length_bytes: MIB, start: MIB };
    vmm.mapFile(iommufd, more);
    dma(t, "write", 2n * MIB);
  },
  cases: {
    "a fault is what must happen: information, once a page"(t) {
      startVm(t);
      dma(t, "write", 2n * MIB, "fault");
      t.found(
        "info",
        "0000:3b:00.0 was kept from 0x200000..0x200fff, which iommufd#1/hwpt:3 does not map",
        2,
      );
      dma(t, "write", 2n * MIB, "fault");
    },
    "one byte past the end"(t) {
      startVm(t);
      strangeDma(t, "read", MIB - 16n, "ok", 17);
      t.found("error", "0000:3b:00.0 read 0x100000, which iommufd#1/hwpt:3 does not map");
    },
    "after the unmap"(t) {
      const { vmm, iommufd, ioas } = startVm(t);
      vmm.unmap(iommufd, ioas, 0n, MIB);
      strangeDma(t, "write", 0x3000n);
      t.found("error", "0000:3b:00.0 wrote 0x3000..0x3fff, which iommufd#1/hwpt:3 does not map");
    },
    "a device that belongs to an iommufd and was never attached reaches nothing"(t) {
      const vmm = t.start("vmm");
      const cdev = vmm.open(`/dev/vfio/devices/${NIC.cdev}`);
      vmm.bind(cdev, vmm.open("/dev/iommu"));
      busMaster(t, true);
      strangeDma(t, "write", 0x3000n);
      t.found(
        "error",
        "0000:3b:00.0 wrote 0x3000..0x3fff although no page table was ever attached to it",
      );
      dma(t, "write", 0x3000n, "fault");
    },
    "after a detach it is dma-after-detach"(t) {
      const { vmm, cdev } = startVm(t);
      vmm.detach(cdev);
      strangeDma(t, "write", 0x3000n);
    },
    "what nobody observed proves nothing"(t) {
      startVm(t);
      dma(t, "write", 2n * MIB, "unknown");
    },
  },
});
