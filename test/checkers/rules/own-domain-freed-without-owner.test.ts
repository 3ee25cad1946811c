import { MEMORY_TOKEN } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { dma, ONE_NIC, strangeDma, vmAfterKexec } from "../../support/vm.js";

/** Only the memory is retrieved, then the session is finished. */
function finishWithoutClaim(t: Story): void {
  const vm = vmAfterKexec(t);
  vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
  dma(t, "write", 0x2000n);
  vm.vmm.finish(vm.session, { kernel: "ok" });
}

describeRule("own-domain-freed-without-owner", {
  profile: "seed",
  machine: ONE_NIC,
  fires(t) {
    finishWithoutClaim(t);
    strangeDma(t, "write", 0x2000n, "fault");
    t.found(
      "error",
      "0000:3b:00.0 lost 0x2000..0x2fff: restored domain " +
        'vm1/iommufd#1/hwpt:token=0x4d@boot2 is gone after session "vm1"@boot2 ended, though ' +
        "nobody claimed it",
    );
  },
  silent(t) {
    finishWithoutClaim(t);
    dma(t, "write", 0x2000n);
    // It never was in the table.
    dma(t, "write", 0x8000_0000n, "fault");
  },
});
