import type { Vm } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, ONE_NIC, preservedVm, setInterrupts } from "../../support/vm.js";

/** The kexec is called and refused. */
function tryKexec(t: Story, vm: Vm): void {
  const { pid } = vm.manager;
  t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  t.call({ type: "reboot", pid, cmd: "kexec" }, { refused: "EINVAL" });
}

describeRule("cmp-interrupts-enabled-at-freeze", {
  profile: "p1v5",
  machine: ONE_NIC,
  fires(t) {
    const vm = preservedVm(t);
    setInterrupts(vm, true);
    tryKexec(t, vm);
    t.found(
      "error",
      "interrupts of 0000:3b:00.0, which is preserved, are on at the kexec: it cannot be frozen",
    );
  },
  silent(t) {
    const vm = preservedVm(t);
    setInterrupts(vm, true);
    setInterrupts(vm, false);
    jumpOver(vm);
  },
});
