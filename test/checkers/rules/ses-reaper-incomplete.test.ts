import {
  claimDomain,
  MEMORY_TOKEN,
  replaceDomain,
  retrieveFiles,
  sendReaper,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { ONE_NIC, vmAfterKexec } from "../../support/vm.js";

/** The VMM died at once; a reaper has the only descriptor of the session. */
function reaperAlone(t: Story) {
  const vm = vmAfterKexec(t);
  vm.vmm.crash();
  sendReaper(vm);
  vm.manager.close(vm.manager_session);
  return vm;
}

describeRule("ses-reaper-incomplete", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = reaperAlone(t);
    vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
    vm.vmm.close(vm.session);
    t.found("error", 'the reaper left session "vm1"@boot2 stuck: vm1/iommufd#1 cannot finish');
  },
  silent(t) {
    const vm = reaperAlone(t);
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored);
    vm.vmm.finish(vm.session);
    vm.vmm.exit();
  },
  cases: {
    "the manager still holds the session: another reaper can come"(t) {
      const vm = vmAfterKexec(t);
      vm.vmm.crash();
      sendReaper(vm);
      vm.vmm.exit();
    },
    "the session is stuck when the manager closes it after the reaper"(t) {
      const vm = vmAfterKexec(t);
      vm.vmm.crash();
      sendReaper(vm);
      vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
      vm.vmm.exit();
      vm.manager.close(vm.manager_session);
      t.found("error", 'the reaper left session "vm1"@boot2 stuck: vm1/iommufd#1 cannot finish');
    },
    "a second reaper takes over from the first"(t) {
      const vm = vmAfterKexec(t);
      vm.vmm.crash();
      sendReaper(vm);
      vm.vmm.exit();
      vm.vmm = vm.manager.spawn("vmm");
      vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
      vm.manager.close(vm.manager_session);
      vm.vmm.crash();
    },
    "a VMM that does the same is no reaper"(t) {
      const vm = vmAfterKexec(t);
      vm.manager.close(vm.manager_session);
      vm.vmm.exit();
    },
    "its end counts like a close"(t) {
      const vm = reaperAlone(t);
      vm.vmm.exit();
      t.found("error", 'the reaper left session "vm1"@boot2 stuck: vm1/iommufd#1 cannot finish');
    },
  },
});
