import { memfd, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

const SESSION = 'session "vm1"@boot2';

describeRule("ses-retrieve-unknown-token", {
  profile: "luo73",
  fires(t) {
    const { manager } = preserveRam(t);
    memfd(manager, "disk");
    const next = retrieveAfterKexec(t, manager);
    next.manager.retrieve(next.session, 1n);
    next.manager.retrieve(next.session, 2n, { refused: "ENOENT" });
    t.found("warning", `${SESSION} has no token 0x2: nobody preserved a file under it`);
  },
  silent(t) {
    const { manager, session } = preserveRam(t);
    manager.preserve(session, memfd(manager, "disk"), 2n);
    const next = retrieveAfterKexec(t, manager);
    next.manager.retrieve(next.session, 2n);
    next.manager.retrieve(next.session, 1n);
    next.manager.finish(next.session);
    // A session that is finished has no tokens any more.
    next.manager.retrieve(next.session, 1n, { refused: "ENOENT" });
  },
  cases: {
    "a PRESERVE_FD that was refused is the reason"(t) {
      const { manager, session } = preserveRam(t);
      const disk = memfd(manager, "disk");
      manager.preserve(session, disk, 2n, { kernel: "ENOMEM" });
      const refused = t.last_seq;
      const next = retrieveAfterKexec(t, manager);
      next.manager.retrieve(next.session, 2n, { refused: "ENOENT" });
      t.found(
        "warning",
        `${SESSION} has no token 0x2: PRESERVE_FD was refused with it at event ${refused}`,
      );
    },
    "a session of this kernel is another matter"(t) {
      const { manager, session } = preserveRam(t);
      manager.retrieve(session, 9n, { refused: "EINVAL" });
    },
  },
});
