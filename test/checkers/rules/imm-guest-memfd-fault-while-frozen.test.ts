import { fallocate, marker, startManager } from "../../support/calls.js";
import { createGuestMemfd, createKvmVm, touch } from "../../support/kvm.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

const PAGE = 0x1000n;

/** A guest with one touched page, whose memory and VM are in a session. */
function preservedGuest(t: Story) {
  const { manager, luo } = startManager(t);
  const session = manager.createSession(luo, "vm1");
  const vm = createKvmVm(manager);
  const memory = createGuestMemfd(manager, vm);
  touch(manager, memory, 0n);
  manager.preserve(session, memory, 1n);
  manager.preserve(session, vm, 2n);
  return { manager, session, memory };
}

describeRule("imm-guest-memfd-fault-while-frozen", {
  profile: "p2",
  fires(t) {
    const { manager, memory } = preservedGuest(t);
    touch(manager, memory, PAGE, { refused: "EPERM" });
    t.found(
      "warning",
      'the guest needs a new page of token 0x1 of session "vm1" at 0x1000, which is preserved: ' +
        "its vCPU exits",
    );
  },
  silent(t) {
    const { manager, session, memory } = preservedGuest(t);
    touch(manager, memory, 0n);
    marker(t, "vcpus_paused");
    touch(manager, memory, PAGE, { refused: "EPERM" });
    marker(t, "vcpus_resumed");
    manager.close(session);
    touch(manager, memory, PAGE);
  },
  cases: {
    "no hole can be punched or filled, either"(t) {
      const { manager, memory } = preservedGuest(t);
      const range = { offset: 0n, length: PAGE };
      fallocate(manager, memory, { mode: 3, ...range }, { refused: "EPERM" });
      t.found(
        "warning",
        'fallocate of token 0x1 of session "vm1" at 0x0 is refused while the guest runs: ' +
          "it is preserved",
      );
    },
    "a pause of another VMM does not count"(t) {
      const { manager, memory } = preservedGuest(t);
      t.add({ type: "marker", what: "vcpus_paused", pid: 7 });
      touch(manager, memory, PAGE, { refused: "EPERM" });
      t.found(
        "warning",
        'the guest needs a new page of token 0x1 of session "vm1" at 0x1000, which is preserved: ' +
          "its vCPU exits",
      );
    },
  },
});
