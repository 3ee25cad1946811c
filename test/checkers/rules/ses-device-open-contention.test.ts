import { startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("ses-device-open-contention", {
  profile: "luo73",
  fires(t) {
    startManager(t);
    const admin = t.start("other");
    admin.open("/dev/liveupdate", { refused: "EBUSY" });
    t.found("info", "pid 101 finds /dev/liveupdate in use");
  },
  silent(t) {
    const { manager, luo } = startManager(t);
    const child = manager.spawn("other");
    manager.pass(luo, child);
    manager.close(luo);
    child.exit();
    t.start("other").open("/dev/liveupdate");
  },
  cases: {
    "a kernel that lets two in breaks the rule"(t) {
      startManager(t);
      const { pid } = t.start("other");
      t.add({ type: "open", pid, path: "/dev/liveupdate", flags: 2, ret: 7 });
      t.contradicted.push(t.last_seq);
      t.found(
        "error",
        "the kernel let pid 101 open /dev/liveupdate while somebody else has it open",
      );
    },
  },
});
