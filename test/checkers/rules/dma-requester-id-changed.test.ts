import {
  DEVICE_TOKEN,
  done,
  fetchSession,
  replaceDomain,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, jumpOver, NIC2, ONE_NIC, preservedVm, vmAfterKexec } from "../../support/vm.js";

const MISSING =
  '0000:3b:00.0 arrived in session "vm1"@boot2, but this kernel has no device at that ' + "address";

describeRule("dma-requester-id-changed", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = preservedVm(t);
    jumpOver(vm);
    t.add({ type: "machine", facts: { ...ONE_NIC, devices: [NIC2] } });
    t.found("error", MISSING);
  },
  silent(t) {
    const vm = preservedVm(t);
    jumpOver(vm);
    t.add({ type: "machine", facts: ONE_NIC });
    fetchSession(vm);
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN);
  },
  cases: {
    "once the session is finished the device may be unplugged"(t) {
      const { vm, restored } = claimedVm(t);
      replaceDomain(vm);
      done(vm, restored);
      t.add({ type: "machine", facts: { ...ONE_NIC, devices: [NIC2] } });
    },
    "the retrieve says so, and again"(t) {
      const vm = vmAfterKexec(t);
      vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { kernel: "ENODEV" });
      t.found("error", MISSING, 2);
      vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { kernel: "ENODEV" });
    },
  },
});
