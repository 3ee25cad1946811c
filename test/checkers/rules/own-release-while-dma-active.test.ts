import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { busMaster, dma, NIC, ONE_NIC, startVm, strangeDma } from "../../support/vm.js";

/** The VM lets its device go; gives the seq of the close. */
function release(t: Story, before: (t: Story) => void): number {
  const { vmm, cdev } = startVm(t);
  dma(t, "write", 0x1000n);
  before(t);
  vmm.close(cdev);
  return t.last_seq;
}

describeRule("own-release-while-dma-active", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const seq = release(t, () => {});
    strangeDma(t, "write", 0x2000n);
    t.found(
      "error",
      `0000:3b:00.0 wrote 0x2000..0x2fff after its group was released at event ${seq}, unstopped`,
    );
  },
  silent(t) {
    release(t, () => t.add({ type: "device_reset", device: NIC.bdf }));
    strangeDma(t, "write", 0x2000n);
  },
  cases: {
    "bus mastering was off before"(t) {
      release(t, () => busMaster(t, false));
      strangeDma(t, "write", 0x2000n);
    },
    "a fault reaches nothing"(t) {
      release(t, () => {});
      dma(t, "write", 0x2000n, "fault");
    },
    "the next owner's DMA is its own"(t) {
      release(t, () => {});
      startVm(t);
      dma(t, "write", 0x1000n);
    },
  },
});
