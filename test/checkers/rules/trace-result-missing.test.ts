import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

const MESSAGE = "has no recorded result; the analysis goes on with the model's own answer";

/** A call whose answer nobody recorded. */
function unanswered(t: Story, id: number): void {
  t.add({ type: "ioctl", pid: 10, fd: 3, op: "IOMMU_DESTROY", in: { id } });
}

describeRule("trace-result-missing", {
  profile: "luo73",
  fires(t) {
    t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
    unanswered(t, 1);
    t.found("warning", `IOMMU_DESTROY ${MESSAGE}`, 2);
    unanswered(t, 2);
  },
  silent(t) {
    t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
    t.add({ type: "kexec_load", how: "kexec_file_load" });
    t.add({ type: "reboot", cmd: "kexec", pid: 10, never_returned: true });
  },
  cases: {
    "a trace written by hand, without any result, means the model's answers"(t) {
      unanswered(t, 1);
    },
    "a reboot must say that it did not return"(t) {
      t.add({ type: "open", pid: 10, path: "/tmp/log", flags: 2, ret: 3 });
      t.add({ type: "reboot", cmd: "restart", pid: 10 });
      t.found("warning", `reboot ${MESSAGE}`);
    },
  },
});
