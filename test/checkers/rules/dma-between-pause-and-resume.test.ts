import { marker } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { dma, ONE_NIC, startVm } from "../../support/vm.js";

describeRule("dma-between-pause-and-resume", {
  profile: "luo73",
  machine: ONE_NIC,
  fires(t) {
    startVm(t);
    marker(t, "vcpus_paused");
    const paused = t.last_seq;
    dma(t, "write", 0x1000n);
    t.found(
      "info",
      `0000:3b:00.0 wrote 0x1000..0x1fff while the vCPUs were paused (event ${paused})`,
      2,
    );
    dma(t, "write", 0x2000n);
  },
  silent(t) {
    startVm(t);
    dma(t, "write", 0x1000n);
    marker(t, "vcpus_paused");
    dma(t, "read", 0x1000n);
    marker(t, "vcpus_resumed");
    dma(t, "write", 0x1000n);
  },
});
