import { startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

const OP = "LIVEUPDATE_IOCTL_CREATE_SESSION";

describeRule("trace-size-field", {
  profile: "luo73",
  fires(t) {
    const { manager, luo } = startManager(t);
    manager.ioctl(luo, OP, { size: 8, name: "vm1".padEnd(64, "\0") }, { kernel: "ok" });
    t.found("warning", `${OP} succeeded with size 8, its kernel asks for at least 72`);
  },
  silent(t) {
    const { manager, luo } = startManager(t);
    manager.ioctl(luo, OP, { size: 8, name: "vm1".padEnd(64, "\0") }, { refused: "EINVAL" });
    manager.createSession(luo, "vm1");
  },
  cases: {
    "bytes that nobody knows"(t) {
      const { manager, luo } = startManager(t);
      const call = { type: "ioctl", pid: manager.pid, fd: luo, op: OP } as const;
      const args = { size: 80, fd: -1, name: "vm1".padEnd(64, "\0") };
      const tail = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 1]);
      t.add({ ...call, in: args, tail, ret: 0, out: { fd: 7 } });
      t.contradicted.push(t.last_seq);
      t.found("warning", `${OP} succeeded although bytes behind the struct are not zero`);
    },
  },
});
