import { replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, dma, ONE_NIC, strangeDma, vmAfterKexec } from "../../support/vm.js";

const LOST =
  '0000:3b:00.0 does not reach 0x2000..0x2fff, which restored domain 0x4d of session "vm1" ' +
  "maps and still serves it";

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
    "claimed by user space it is the same domain"(t) {
      claimedVm(t);
      strangeDma(t, "write", 0x2000n, "fault");
      t.found("error", LOST);
    },
  },
});
