import { kexec, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;
const F_SEAL_WRITE = 8;

/** A memfd made with these flags is in a session. */
function preserved(t: Story, flags: number, seals = 0) {
  const { manager, luo } = startManager(t);
  const { pid } = manager;
  const session = manager.createSession(luo, "vm1");
  const created = t.call({ type: "memfd_create", pid, name: "ram", flags });
  const fd = Number(created.outcome.ret);
  t.call({ type: "ftruncate", pid, fd, length: 0x1_0000n });
  if (seals !== 0) t.call({ type: "fcntl", pid, fd, cmd: "F_ADD_SEALS", arg: seals });
  manager.preserve(session, fd, 1n);
  return { manager, session };
}

describeRule("imm-seals-grow-across-kexec", {
  profile: "luo73",
  fires(t) {
    const { manager } = preserved(t, MFD_NOEXEC_SEAL);
    kexec(t, manager.pid);
    t.foundAt(
      t.last_seq - 1,
      "warning",
      'token 0x1 of session "vm1" crosses with F_SEAL_EXEC: it comes back with ' +
        "F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE|F_SEAL_FUTURE_WRITE too, nobody can write it",
    );
  },
  silent(t) {
    const { manager } = preserved(t, MFD_ALLOW_SEALING);
    kexec(t, manager.pid);
  },
  cases: {
    "the session is closed before the kexec"(t) {
      const { manager, session } = preserved(t, MFD_NOEXEC_SEAL);
      manager.close(session);
      kexec(t, manager.pid);
    },
    "what is sealed against writing loses nothing"(t) {
      const { manager } = preserved(t, MFD_NOEXEC_SEAL, F_SEAL_WRITE);
      kexec(t, manager.pid);
    },
  },
});
