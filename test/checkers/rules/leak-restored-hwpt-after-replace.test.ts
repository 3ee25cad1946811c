import { done, end, finish, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { note } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { claimedVm, ONE_NIC } from "../../support/vm.js";

/** The restored domain is replaced and its handle forgotten; gives the seq of the replace. */
function forgetHandle(t: Story): number {
  const { vm } = claimedVm(t);
  replaceDomain(vm);
  const replaced = t.last_seq;
  finish(vm);
  return replaced;
}

function kept(replaced: number): string {
  return (
    "vm1/iommufd#1/hwpt:token=0x4d@boot2, a restored domain, " +
    `was replaced at event ${replaced} and never destroyed`
  );
}

describeRule("leak-restored-hwpt-after-replace", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const replaced = forgetHandle(t);
    end(t);
    t.found("warning", kept(replaced));
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    replaceDomain(vm);
    done(vm, restored);
    end(t);
  },
  cases: {
    "a device that is taken off the domain leaves the handle behind, too"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      vm.vmm.detach(vm.cdev);
      const replaced = t.seqOf("VFIO_DEVICE_ATTACH_IOMMUFD_PT", 1);
      end(t);
      t.found("warning", kept(replaced));
    },
    "the end of the iommufd ends the handle"(t) {
      const { vm } = claimedVm(t);
      replaceDomain(vm);
      finish(vm);
      vm.vmm.exit();
      end(t);
    },
    "a trace that just stops proves nothing"(t) {
      forgetHandle(t);
    },
    "after five minutes it is forgotten"(t) {
      const replaced = forgetHandle(t);
      t.wait(301_000_000_000);
      note(t, "much later");
      t.found("warning", kept(replaced));
    },
    "a domain that still translates is in use"(t) {
      claimedVm(t);
      end(t);
    },
  },
});
