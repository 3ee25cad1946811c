import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { dma, ONE_NIC, preservedVm, strangeDma } from "../../support/vm.js";

/** The kexec is called: the device is frozen, the machine has not jumped yet. */
function freeze(t: Story): number {
  const vm = preservedVm(t);
  const { pid } = vm.manager;
  t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  return t.last_seq;
}

describeRule("dma-during-vfio-freeze", {
  profile: "p1v5",
  machine: ONE_NIC,
  fires(t) {
    const frozen = freeze(t);
    strangeDma(t, "write", 0x1000n);
    t.found("info", `0000:3b:00.0 reached 0x1000..0x1fff after it was frozen at event ${frozen}`);
  },
  silent(t) {
    preservedVm(t);
    dma(t, "write", 0x1000n);
  },
  cases: {
    "a fault reaches nothing"(t) {
      freeze(t);
      dma(t, "write", 0x1000n, "fault");
    },
  },
});
