import type { Vm } from "../../../src/replay/scenario/blocks.js";
import { fetchSession, retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { memfd } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, ONE_NIC, preservedVm, vmAfterKexec } from "../../support/vm.js";

function refuse(vm: Vm, times: number): void {
  for (let i = 0; i < times; i++) vm.vmm.finish(vm.session, { refused: "EBUSY" });
}

const LOOP = 'FINISH of session "vm1"@boot2 was refused 3 times, and nothing it waits for changed';

describeRule("ses-finish-refused-loop", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = vmAfterKexec(t);
    refuse(vm, 3);
    t.found("warning", LOOP, 3);
    refuse(vm, 2);
  },
  silent(t: Story) {
    const vm = vmAfterKexec(t);
    refuse(vm, 2);
    retrieveFiles(vm);
    refuse(vm, 2);
  },
  cases: {
    "what another session does is no progress of this one"(t) {
      const vm = preservedVm(t);
      const other = vm.manager.createSession(vm.luo, "vm2");
      vm.manager.preserve(other, memfd(vm.manager, "disk"), 1n);
      jumpOver(vm);
      fetchSession(vm);
      refuse(vm, 2);
      const next = vm.manager.retrieveSession(vm.luo, "vm2");
      vm.manager.retrieve(next, 1n);
      refuse(vm, 1);
      t.found("warning", LOOP);
    },
  },
});
