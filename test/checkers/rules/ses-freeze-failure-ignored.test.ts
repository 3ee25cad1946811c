import { kexec, marker, note, preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

function failedKexec(t: Story) {
  const before = preserveRam(t);
  t.add({ type: "reboot", pid: before.manager.pid, cmd: "kexec", ret: -1, errno: "EINVAL" });
  return before;
}

describeRule("ses-freeze-failure-ignored", {
  profile: "luo73",
  fires(t) {
    failedKexec(t);
    marker(t, "vcpus_resumed");
    t.found(
      "warning",
      "the VM resumed after the kexec had failed with EINVAL, with 1 session still open",
    );
  },
  silent(t) {
    const { manager, session } = failedKexec(t);
    manager.close(session);
    marker(t, "vcpus_resumed");
  },
  cases: {
    "another try"(t) {
      const { manager } = failedKexec(t);
      kexec(t, manager.pid);
    },
    "nothing for a long time"(t) {
      failedKexec(t);
      t.wait(301_000_000_000);
      note(t, "much later");
      t.found(
        "warning",
        "nothing followed the kexec that failed with EINVAL: 1 session still open",
      );
    },
  },
});
