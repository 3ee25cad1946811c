import { preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

/** Everything is written down; the machine has not jumped. */
function serialize(t: Story) {
  const before = preserveRam(t);
  const { pid } = before.manager;
  t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  return { ...before, serialized: t.last_seq };
}

describeRule("ses-ioctl-after-freeze", {
  profile: "luo73",
  fires(t) {
    const { manager, session, ram, serialized } = serialize(t);
    manager.preserve(session, ram, 2n, { kernel: "ok" });
    t.found(
      "error",
      "LIVEUPDATE_SESSION_PRESERVE_FD came back although everything was written down " +
        `at event ${serialized}`,
    );
  },
  silent(t) {
    const { manager, session } = serialize(t);
    const { pid } = manager;
    const op = "LIVEUPDATE_SESSION_PRESERVE_FD";
    t.add({ type: "ioctl", pid, fd: session, op, in: { fd: 5, token: 2n }, never_returned: true });
    // Calls that have nothing to do with it may go on.
    t.add({ type: "open", pid, path: "/tmp/log", flags: 2, ret: 9 });
  },
  cases: {
    "a call that had begun before"(t) {
      const { manager, session, ram } = serialize(t);
      manager.preserve(session, ram, 2n, { kernel: "EBUSY" });
      Object.assign(t.events.at(-1) ?? {}, { ts: 1, ts_end: 9_000_000_000 });
    },
  },
});
