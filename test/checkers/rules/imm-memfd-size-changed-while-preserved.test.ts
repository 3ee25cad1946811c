import { FALLOC_FL_PUNCH_HOLE, fallocate, ftruncate, preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

const PUNCH = { mode: FALLOC_FL_PUNCH_HOLE, offset: 0n, length: 0x1000n };

describeRule("imm-memfd-size-changed-while-preserved", {
  profile: "luo73",
  fires(t) {
    const { manager, ram } = preserveRam(t);
    ftruncate(manager, ram, 0x20000n, { kernel: "ok" });
    t.found(
      "error",
      'ftruncate took effect on vm1/memfd "ram", which is preserved as token 0x1 of ' +
        'session "vm1"',
    );
  },
  silent(t) {
    const { manager, session, ram } = preserveRam(t);
    ftruncate(manager, ram, 0x20000n, { refused: "EPERM" });
    fallocate(manager, ram, PUNCH, { refused: "EPERM" });
    ftruncate(manager, ram, 0x10000n);
    manager.close(session);
    ftruncate(manager, ram, 0x20000n);
    fallocate(manager, ram, PUNCH);
  },
  cases: {
    "a hole is a change as well"(t) {
      const { manager, ram } = preserveRam(t);
      fallocate(manager, ram, PUNCH, { kernel: "ok" });
      t.found(
        "error",
        'fallocate took effect on vm1/memfd "ram", which is preserved as token 0x1 of ' +
          'session "vm1"',
      );
    },
  },
});
