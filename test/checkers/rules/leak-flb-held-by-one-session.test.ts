import {
  claimDomain,
  done,
  fetchSession,
  preserve,
  replaceDomain,
  retrieveFiles,
  setup,
} from "../../../src/replay/scenario/blocks.js";
import { note } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC2, TWO_NICS } from "../../support/vm.js";

/** Two VMs cross; one is restored and finished. */
function finishOne(t: Story): void {
  const vm = setup(t, { memory_bytes: MIB });
  preserve(vm);
  vm.manager.close(vm.luo);
  const other = setup(t, { memory_bytes: MIB, device: NIC2, session_name: "vm2" });
  preserve(other);
  jumpOver(other);
  fetchSession(vm);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  replaceDomain(vm);
  done(vm, restored);
}

describeRule("leak-flb-held-by-one-session", {
  profile: "p2",
  machine: TWO_NICS,
  fires(t) {
    finishOne(t);
    t.wait(301_000_000_000);
    note(t, "much later");
    t.found(
      "info",
      'session "vm2"@boot2 alone keeps the IOMMU\'s records of the update: all others are finished',
    );
  },
  silent(t) {
    finishOne(t);
    note(t, "at once");
  },
});
