import { retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { dma, NIC, ONE_NIC, strangeDma, vmAfterKexec } from "../../support/vm.js";

function attachTracepoint(t: Story): void {
  t.add({ type: "iommu_tracepoint", what: "attach_device_to_domain", device: NIC.bdf });
}

describeRule("own-finish-touched-domain", {
  profile: "seed",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    dma(t, "write", 0x2000n);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    strangeDma(t, "write", 0x2000n, "fault");
    t.found(
      "error",
      "0000:3b:00.0 reached memory through restored domain " +
        'vm1/iommufd#1/hwpt:token=0x4d@boot2 before FINISH of session "vm1"@boot2, and not ' +
        "after",
    );
  },
  silent(t) {
    const vm = vmAfterKexec(t);
    retrieveFiles(vm);
    dma(t, "write", 0x2000n);
    attachTracepoint(t);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    dma(t, "write", 0x2000n);
  },
  cases: {
    "a tracepoint inside FINISH shows it"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      attachTracepoint(t);
      const inside = t.events.at(-1)?.ts ?? 0;
      vm.vmm.finish(vm.session, { kernel: "ok" });
      Object.assign(t.events.at(-1) ?? {}, { ts: inside - 1, ts_end: inside + 1 });
      t.found(
        "error",
        "the kernel moved 0000:3b:00.0, which restored domain " +
          'vm1/iommufd#1/hwpt:token=0x4d@boot2 serves, during FINISH of session "vm1"@boot2',
      );
    },
    "no DMA was seen before: the domain may have been broken since boot"(t) {
      const vm = vmAfterKexec(t);
      retrieveFiles(vm);
      vm.vmm.finish(vm.session, { kernel: "ok" });
      strangeDma(t, "write", 0x2000n, "fault");
    },
  },
});
