import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** After the kexec a manager holds the session and has given it to a VMM. */
function handToVmm(t: Story) {
  const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
  const vmm = manager.spawn("vmm");
  return { manager, session, vmm, held: manager.pass(session, vmm) };
}

describeRule("own-two-claimants-one-session", {
  profile: "luo73",
  fires(t) {
    const { manager, session, vmm, held } = handToVmm(t);
    vmm.retrieve(held, 1n);
    const second = manager.spawn("vmm");
    second.retrieve(manager.pass(session, second), 1n);
    t.found(
      "error",
      'pid 103 (vmm) retrieves from session "vm1"@boot2 while pid 102 (vmm), who retrieved ' +
        "before, lives",
    );
  },
  silent(t) {
    const { manager, session, vmm, held } = handToVmm(t);
    vmm.retrieve(held, 1n);
    vmm.crash();
    const reaper = manager.spawn("reaper");
    reaper.retrieve(manager.pass(session, reaper), 1n);
  },
  cases: {
    "one process may retrieve as often as it likes"(t) {
      const { vmm, held } = handToVmm(t);
      vmm.close(vmm.retrieve(held, 1n));
      vmm.retrieve(held, 1n);
    },
    "a broker may look and pass on"(t) {
      const { manager, session, vmm, held } = handToVmm(t);
      manager.retrieve(session, 1n);
      vmm.retrieve(held, 1n);
    },
    "a VMM may pass its session on itself"(t) {
      const { vmm, held } = handToVmm(t);
      vmm.retrieve(held, 1n);
      const helper = vmm.spawn("other");
      helper.retrieve(vmm.pass(held, helper), 1n);
    },
    "after FINISH there is nothing to claim"(t) {
      const { manager, session, vmm, held } = handToVmm(t);
      vmm.retrieve(held, 1n);
      vmm.finish(held);
      const second = manager.spawn("vmm");
      second.retrieve(manager.pass(session, second), 1n, { refused: "ENOENT" });
    },
  },
});
