import { preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-retry-failed-retrieve", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 1n, { kernel: "ENOMEM" });
    manager.retrieve(session, 1n, { kernel: "ENOMEM" });
    t.found(
      "warning",
      'token 0x1 of session "vm1"@boot2 failed with ENOMEM before and does so for ever',
    );
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 7n, { refused: "ENOENT" });
    manager.retrieve(session, 7n, { refused: "ENOENT" });
    // No descriptor was free: the file was not even looked at.
    manager.retrieve(session, 1n, { kernel: "EMFILE" });
    manager.retrieve(session, 1n);
  },
  cases: {
    "an answer that changes is the kernel's fault"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.retrieve(session, 1n, { kernel: "ENOMEM" });
      manager.retrieve(session, 1n, { kernel: "EIO" });
      t.found(
        "error",
        'token 0x1 of session "vm1"@boot2 failed with ENOMEM before, now the kernel answers EIO',
      );
    },
    "success after a failure is one too"(t) {
      const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
      manager.retrieve(session, 1n, { kernel: "ENOMEM" });
      manager.retrieve(session, 1n);
      t.found(
        "error",
        'token 0x1 of session "vm1"@boot2 failed with ENOMEM before, now the kernel answers ' +
          "success",
      );
    },
  },
});
