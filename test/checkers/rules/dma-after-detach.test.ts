import { describeRule } from "../../support/rule-test.js";
import { dma, NIC, ONE_NIC, startVm, strangeDma } from "../../support/vm.js";

describeRule("dma-after-detach", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, cdev } = startVm(t);
    dma(t, "write", 0x1000n);
    vmm.detach(cdev);
    const detach = t.last_seq;
    strangeDma(t, "write", 0x1000n);
    t.found(
      "error",
      `0000:3b:00.0 wrote 0x1000..0x1fff although its domain was detached at event ${detach}`,
    );
  },
  silent(t) {
    const { vmm, cdev, hwpt } = startVm(t);
    vmm.detach(cdev);
    dma(t, "write", 0x1000n, "fault");
    vmm.attach(cdev, hwpt);
    dma(t, "write", 0x1000n);
  },
  cases: {
    "closing the device took its bus mastering away, and DMA came through all the same"(t) {
      const { vmm, cdev } = startVm(t);
      vmm.close(cdev);
      const closed = t.last_seq;
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x1000..0x1fff although its domain was detached at event ${closed}`,
      );
    },
    "on its way before the detach returned"(t) {
      const { vmm, cdev } = startVm(t);
      vmm.detach(cdev);
      const late = t.events.at(-1)?.ts ?? 0;
      strangeDma(t, "write", 0x1000n);
      Object.assign(t.events.at(-1) ?? {}, { ts: late - 1 });
    },
    "a driver of the kernel has a domain of its own"(t) {
      const { vmm, cdev, iommufd } = startVm(t);
      vmm.detach(cdev);
      vmm.close(cdev);
      vmm.close(iommufd);
      t.add({ type: "driver_unbind", device: NIC.bdf, driver: "vfio-pci", ret: 0 });
      t.add({ type: "driver_bind", device: NIC.bdf, driver: "mlx5_core", ret: 0 });
      strangeDma(t, "write", 0x1000n);
    },
    "neither a driver that is refused nor a variant of vfio-pci has one"(t) {
      const { vmm, cdev } = startVm(t);
      vmm.detach(cdev);
      const detach = t.last_seq;
      const refused = { ret: -1, errno: "EBUSY" } as const;
      t.add({ type: "driver_bind", device: NIC.bdf, driver: "mlx5_core", ...refused });
      t.add({ type: "driver_bind", device: NIC.bdf, driver: "mlx5-vfio-pci", ret: 0 });
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x1000..0x1fff although its domain was detached at event ${detach}`,
      );
    },
    "the last close of the device detaches it too"(t) {
      const { vmm, cdev } = startVm(t);
      vmm.close(cdev);
      const closed = t.last_seq;
      t.add({ type: "bus_master", device: NIC.bdf, enabled: true });
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x1000..0x1fff although its domain was detached at event ${closed}`,
      );
    },
  },
});
