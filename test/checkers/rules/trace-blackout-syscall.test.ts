import { preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

const OP = "LIVEUPDATE_SESSION_GET_NAME";

/** Everything is written down; the machine has not jumped. */
function serialize(t: Story) {
  const before = preserveRam(t);
  const { pid } = before.manager;
  t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  return { ...before, serialized: t.last_seq };
}

describeRule("trace-blackout-syscall", {
  profile: "luo73",
  fires(t) {
    const { manager, session, serialized } = serialize(t);
    manager.ioctl(session, OP, {}, { kernel: "ok" });
    t.contradicted.push(t.last_seq);
    t.found("error", `${OP} came back after everything was written down at event ${serialized}`);
  },
  silent(t) {
    const { manager, session } = serialize(t);
    const { pid } = manager;
    t.add({ type: "ioctl", pid, fd: session, op: OP, in: {}, never_returned: true });
    // The CPUs run until the shutdown: other calls come back.
    t.add({ type: "open", pid, path: "/tmp/log", flags: 2, ret: 9 });
  },
});
