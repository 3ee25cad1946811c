import { boot, kexec, preserveRam, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-open-eio", {
  profile: "luo73",
  fires(t) {
    const { manager } = preserveRam(t);
    kexec(t, manager.pid, { missing_handlers: ["memfd-v2"] });
    t.start("manager").open("/dev/liveupdate", { refused: "EIO" });
    t.found(
      "error",
      "/dev/liveupdate answers EIO: 1 session that arrived will stay out of reach until a reboot",
    );
  },
  silent(t) {
    const { manager } = preserveRam(t);
    kexec(t, manager.pid);
    startManager(t);
    t.start("other").open("/dev/liveupdate", { refused: "EBUSY" });
    boot(t, "cold", { liveupdate: false });
    t.start("manager").open("/dev/liveupdate", { refused: "ENOENT" });
  },
  cases: {
    "it is one fault however often the node is opened"(t) {
      const { manager } = preserveRam(t);
      kexec(t, manager.pid, { missing_handlers: ["memfd-v2"] });
      t.start("manager").open("/dev/liveupdate", { refused: "EIO" });
      t.found(
        "error",
        "/dev/liveupdate answers EIO: 1 session that arrived will stay out of reach until a reboot",
        2,
      );
      t.start("manager").open("/dev/liveupdate", { refused: "EIO" });
    },
  },
});
