import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { exportBar, jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("cmp-mmio-mapping", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const bar = exportBar(vm);
    const mapping = { ioas: vm.ioas, memfd: bar, iova: 16n * MIB, length_bytes: 0x1000n };
    vm.vmm.mapFile(vm.iommufd, mapping);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "warning",
      "vm1/iommufd#1/hwpt:token=0x4d crosses and maps a device's BAR at " +
        "0x1000000..0x1000fff, which may move or be switched off",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
});
