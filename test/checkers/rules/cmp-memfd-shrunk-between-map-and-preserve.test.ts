import { ftruncate } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB, ONE_NIC, startVm } from "../../support/vm.js";

/** An unsealed memfd is mapped (1 MiB of it), set to a size, and preserved with its iommufd. */
function preserveWithSize(t: Story, size: bigint): void {
  const { vmm, iommufd, hwpt, ram } = startVm(t);
  const session = vmm.createSession(vmm.open("/dev/liveupdate"), "vm1");
  vmm.mark(iommufd, hwpt, 1n);
  ftruncate(vmm, ram, size);
  vmm.preserve(session, ram, 1n);
  vmm.preserve(session, iommufd, 2n);
}

describeRule("cmp-memfd-shrunk-between-map-and-preserve", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    preserveWithSize(t, MIB / 2n);
    t.found(
      "error",
      'vm1/iommufd#1/hwpt:token=0x1 maps 0x0..0xfffff of vm1/memfd "ram", which was ' +
        "preserved with 524288 bytes only",
    );
  },
  silent(t) {
    preserveWithSize(t, MIB);
  },
  cases: {
    "the memfd may be preserved after the iommufd, where nobody looks"(t) {
      const { vmm, iommufd, hwpt, ram } = startVm(t);
      const session = vmm.createSession(vmm.open("/dev/liveupdate"), "vm1");
      vmm.mark(iommufd, hwpt, 1n);
      vmm.preserve(session, iommufd, 2n);
      ftruncate(vmm, ram, MIB / 2n);
      vmm.preserve(session, ram, 1n);
      t.found(
        "error",
        'vm1/iommufd#1/hwpt:token=0x1 maps 0x0..0xfffff of vm1/memfd "ram", which was ' +
          "preserved with 524288 bytes only",
      );
    },
  },
});
