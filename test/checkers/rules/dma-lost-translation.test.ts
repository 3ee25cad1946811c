import {
  bindDevice,
  fetchSession,
  preserve,
  replaceDomain,
  retrieveFiles,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import {
  claimedVm,
  dma,
  jumpOver,
  MIB,
  ONE_NIC,
  strangeDma,
  vmAfterKexec,
} from "../../support/vm.js";

const LOST =
  "0000:3b:00.0 does not reach 0x2000..0x2fff, which restored domain " +
  "vm1/iommufd#1/hwpt:token=0x4d@boot2 maps and still serves it";

describeRule("dma-lost-translation", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    vmAfterKexec(t);
    strangeDma(t, "write", 0x2000n, "fault");
    t.found("error", LOST);
  },
  silent(t) {
    const { vm } = claimedVm(t);
    dma(t, "write", 0x2000n);
    // It never was in the table.
    dma(t, "write", 0x8000_0000n, "fault");
    replaceDomain(vm);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, vm.memory_bytes);
    dma(t, "write", 0x2000n, "fault");
  },
  cases: {
    "the device crossed, its page table did not"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const unmarked = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
      vm.vmm.attach(vm.cdev, unmarked);
      preserve(vm);
      jumpOver(vm);
      dma(t, "write", 0x8000_0000n, "fault");
      dma(t, "write", 0x2000n, "fault");
      t.found(
        "error",
        "0000:3b:00.0 crossed and does not reach 0x2000..0x2fff: vm1/iommufd#1/hwpt:4, " +
          "which maps it, did not cross",
      );
    },
    "the device crossed without its page table, and was attached anew"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const unmarked = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
      vm.vmm.attach(vm.cdev, unmarked);
      preserve(vm);
      jumpOver(vm);
      fetchSession(vm);
      retrieveFiles(vm);
      bindDevice(vm);
      vm.vmm.attach(vm.cdev, vm.vmm.allocIoas(vm.iommufd));
      dma(t, "write", 0x2000n, "fault");
    },
    "the device crossed without its page table, and a driver of the kernel has it now"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const unmarked = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
      vm.vmm.attach(vm.cdev, unmarked);
      preserve(vm);
      jumpOver(vm);
      t.add({ type: "driver_bind", device: vm.device.bdf, driver: "mlx5_core", ret: 0 });
      dma(t, "write", 0x2000n, "fault");
    },
    "claimed by user space it is the same domain"(t) {
      claimedVm(t);
      strangeDma(t, "write", 0x2000n, "fault");
      t.found("error", LOST);
    },
  },
});
