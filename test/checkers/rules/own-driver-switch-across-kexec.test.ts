import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, NIC, ONE_NIC, preservedVm } from "../../support/vm.js";

function bindDriver(t: Story, driver: string, result: object = { ret: 0 }): void {
  t.add({ type: "driver_bind", device: NIC.bdf, driver, ...result });
}

describeRule("own-driver-switch-across-kexec", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    bindDriver(t, "vfio-pci");
    jumpOver(preservedVm(t));
    bindDriver(t, "mlx5-vfio-pci");
    t.found("warning", "0000:3b:00.0 was preserved by vfio-pci and is bound to mlx5-vfio-pci now");
  },
  silent(t) {
    bindDriver(t, "vfio-pci");
    jumpOver(preservedVm(t));
    bindDriver(t, "vfio-pci");
  },
  cases: {
    "a variant that preserved it may have it back"(t) {
      bindDriver(t, "mlx5-vfio-pci");
      jumpOver(preservedVm(t));
      bindDriver(t, "mlx5-vfio-pci");
    },
    "a driver that was bound before the trace began is not known"(t) {
      jumpOver(preservedVm(t));
      bindDriver(t, "mlx5-vfio-pci");
    },
    "a driver of the kernel is refused"(t) {
      jumpOver(preservedVm(t));
      bindDriver(t, "nvme", { ret: -1, errno: "EBUSY" });
    },
  },
});
