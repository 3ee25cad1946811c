/** Others reach for a device that waits for its VM. */

import { done, fetchSession, kexec, NIC, preserve, restore, setup } from "../blocks.js";
import type { StoryPlan } from "./story.js";

export const FOREIGNERS_REFUSED: StoryPlan = {
  id: "foreigners-refused",
  title: "a kernel driver, a second opener and a foreign iommufd are kept off the device",
  profiles: ["seed", "p1v5", "p2"],
  cut: true,
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    const { bdf } = vm.device;
    scenario.call({ type: "driver_bind", device: bdf, driver: "ice" }, { refused: "EBUSY" });
    fetchSession(vm);
    const { vmm } = vm;
    vmm.open(`/dev/vfio/devices/${NIC.cdev}`, { refused: "EBUSY" });
    const cdev = vmm.retrieve(vm.session, 3n);
    const foreign = vmm.open("/dev/iommu");
    vmm.bind(cdev, foreign, { refused: "EPERM" });
  },
};

export const KERNEL_DRIVER_ACCEPTED: StoryPlan = {
  id: "kernel-driver-accepted",
  title: "a kernel driver gets the device while the restored domain is in front of it",
  profiles: ["seed"],
  cut: true,
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    const { bdf } = vm.device;
    scenario.call({ type: "driver_bind", device: bdf, driver: "ice" }, { kernel: "ok" });
  },
};

export const FOREIGN_BIND_ACCEPTED: StoryPlan = {
  id: "foreign-bind-accepted",
  title: "the kernel binds the retrieved device to an iommufd that never was its own",
  profiles: ["seed"],
  cut: true,
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    fetchSession(vm);
    const cdev = vm.vmm.retrieve(vm.session, 3n);
    vm.vmm.bind(cdev, vm.vmm.open("/dev/iommu"), { kernel: "ok" });
  },
};

export const DRIVER_AFTER_UPDATE: StoryPlan = {
  id: "driver-after-update",
  title: "after the update the VM is shut down and a kernel driver takes the device",
  profiles: ["seed", "p2"],
  tell(scenario) {
    const vm = setup(scenario);
    preserve(vm);
    kexec(vm);
    done(vm, restore(vm));
    const { bdf } = vm.device;
    scenario.add({ type: "bus_master", device: bdf, enabled: false });
    vm.vmm.exit();
    scenario.add({ type: "driver_unbind", device: bdf, driver: "vfio-pci", ret: 0 });
    scenario.call({ type: "driver_bind", device: bdf, driver: "ice" });
  },
};
