import { kexec, marker, note, preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

const LONG_NS = 301_000_000_000;

function later(t: Story): void {
  t.wait(LONG_NS);
  note(t, "much later");
}

describeRule("leak-outgoing-session-not-closed-after-abort", {
  profile: "luo73",
  fires(t) {
    preserveRam(t);
    marker(t, "cancel");
    const cancelled = t.last_seq;
    later(t);
    t.found(
      "warning",
      'session "vm1" still holds its files long after the update was given up ' +
        `at event ${cancelled}`,
    );
  },
  silent(t) {
    const { manager, session } = preserveRam(t);
    marker(t, "cancel");
    manager.close(session);
    later(t);
  },
  cases: {
    "a reboot that failed"(t) {
      const { manager } = preserveRam(t);
      const { pid } = manager;
      t.add({ type: "reboot", pid, cmd: "kexec", ret: -1, errno: "EINVAL" });
      const failed = t.last_seq;
      later(t);
      t.found(
        "warning",
        'session "vm1" still holds its files long after the update was given up ' +
          `at event ${failed}`,
      );
    },
    "it is closed in the end, but long after"(t) {
      const { manager, session } = preserveRam(t);
      marker(t, "cancel");
      const cancelled = t.last_seq;
      later(t);
      manager.close(session);
      t.found(
        "warning",
        'session "vm1" held its files until long after the update was given up ' +
          `at event ${cancelled}`,
      );
    },
    "another try follows"(t) {
      const { manager } = preserveRam(t);
      const { pid } = manager;
      t.add({ type: "reboot", pid, cmd: "kexec", ret: -1, errno: "EINVAL" });
      kexec(t, pid);
      later(t);
    },
    "a moment is not long"(t) {
      preserveRam(t);
      marker(t, "cancel");
    },
  },
});
