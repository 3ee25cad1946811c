import { replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, dma, MIB, ONE_NIC, strangeDma } from "../../support/vm.js";

const DOMAIN = "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2";

describeRule("imm-mutate-restored-domain", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const { vm, restored } = claimedVm(t);
    const more = { ioas: restored, memfd: vm.memfd, iova: 16n * MIB, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, more, { kernel: "ok" });
    strangeDma(t, "write", 16n * MIB);
    t.found(
      "error",
      `0000:3b:00.0 reached 0x1000000..0x1000fff through ${DOMAIN}, ` +
        "whose table does not allow that",
    );
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    const more = { ioas: restored, memfd: vm.memfd, iova: 16n * MIB, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, more, { refused: "ENOENT" });
    dma(t, "write", 0x1000n);
    dma(t, "write", 16n * MIB, "fault");
    // A new page table may map what it likes.
    replaceDomain(vm);
    vm.vmm.mapFile(vm.iommufd, { ...more, ioas: vm.ioas });
    dma(t, "write", 16n * MIB);
  },
  cases: {
    "an unmap that took effect"(t) {
      const { vm, restored } = claimedVm(t);
      vm.vmm.unmap(vm.iommufd, restored, 0n, 4n * MIB, { kernel: "ok" });
      strangeDma(t, "read", 0x1000n, "fault");
      t.found(
        "error",
        `0000:3b:00.0 does not reach 0x1000..0x1fff through ${DOMAIN} any more, ` +
          "after IOMMU_IOAS_UNMAP named it",
      );
    },
    "a call that was accepted and changed nothing"(t) {
      const { vm, restored } = claimedVm(t);
      vm.vmm.unmap(vm.iommufd, restored, 0n, 4n * MIB, { kernel: "ok" });
      dma(t, "read", 0x1000n);
    },
  },
});
