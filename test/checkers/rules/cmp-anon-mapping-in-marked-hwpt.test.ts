import { IOMMUFD_TOKEN, MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { exportBar, MIB, mapAnonymous, ONE_NIC } from "../../support/vm.js";

/** A VM whose marked page table also maps memory of the VMM's own. */
function withAnonymous(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, 16n * MIB);
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  return vm;
}

describeRule("cmp-anon-mapping-in-marked-hwpt", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = withAnonymous(t);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
    t.found(
      "error",
      "vm1/iommufd#1/hwpt:token=0x4d is preserved and maps 0x1000000..0x10fffff, which is " +
        "no file's memory",
    );
  },
  silent(t) {
    const vm = withAnonymous(t);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 16n * MIB, MIB);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  },
  cases: {
    "the kernel refuses: information"(t) {
      const vm = withAnonymous(t);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "EINVAL" });
      t.found(
        "info",
        "iommufd#1/hwpt:3 cannot be preserved: " +
          "it maps 0x1000000..0x10fffff, which is no file's memory",
      );
    },
    "a device's BAR is another matter, where the kernel takes it"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const mapping = { ioas: vm.ioas, memfd: exportBar(vm), iova: 16n * MIB };
      vm.vmm.mapFile(vm.iommufd, { ...mapping, length_bytes: 0x1000n });
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
    },
    "another page table may map what it likes"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const ioas = vm.vmm.allocIoas(vm.iommufd);
      mapAnonymous(vm.vmm, vm.iommufd, ioas, 16n * MIB);
      vm.vmm.allocHwpt(vm.iommufd, vm.device_id, ioas);
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    },
  },
});
