import type { Vm } from "../../../src/replay/scenario/blocks.js";
import { retrieveFiles } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { ONE_NIC, vmAfterKexec } from "../../support/vm.js";

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
});
