import { addSeals, F_SEAL_GROW, F_SEAL_SHRINK, memfd, preserveRam } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("imm-seals-added-after-preserve", {
  profile: "luo73",
  fires(t) {
    const { manager, ram } = preserveRam(t);
    addSeals(manager, ram, F_SEAL_SHRINK | F_SEAL_GROW);
    t.found(
      "warning",
      'F_SEAL_SHRINK|F_SEAL_GROW on vm1/memfd "ram" does not cross the kexec: it is ' +
        'preserved already as token 0x1 of session "vm1"',
    );
  },
  silent(t) {
    const { manager, session, ram } = preserveRam(t);
    manager.close(session);
    addSeals(manager, ram, F_SEAL_SHRINK);
  },
  cases: {
    "seals it had before are no news"(t) {
      const { manager, session } = preserveRam(t);
      const disk = memfd(manager, "disk");
      addSeals(manager, disk, F_SEAL_SHRINK);
      manager.preserve(session, disk, 2n);
      addSeals(manager, disk, F_SEAL_SHRINK);
      addSeals(manager, disk, F_SEAL_SHRINK | F_SEAL_GROW);
      t.found(
        "warning",
        'F_SEAL_GROW on vm1/memfd "disk" does not cross the kexec: it is preserved already ' +
          'as token 0x2 of session "vm1"',
      );
    },
  },
});
