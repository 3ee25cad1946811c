import { expect, test } from "vitest";
import { memfd, preserveRam, retrieveAfterKexec } from "../../support/calls.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";

describeRule("trace-impossible-result", {
  profile: "luo73",
  fires(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 99n, { kernel: "ok" });
    t.found(
      "error",
      "LIVEUPDATE_SESSION_RETRIEVE_FD succeeded, which this kernel answers with ENOENT " +
        "(the session has no such token)",
    );
  },
  silent(t) {
    const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
    manager.retrieve(session, 99n, { refused: "ENOENT" });
    manager.retrieve(session, 1n);
  },
  cases: {
    "a descriptor that came from nowhere can be for anything"(t) {
      const vmm = t.start("vmm");
      t.add({ type: "receive_fds", pid: vmm.pid, socket: 9, fds: [5], ret: 1 });
      vmm.finish(5, { kernel: "ok" });
      t.contradicted.push(t.last_seq);
    },
  },
});

test("an answer that another rule has a word for is left to that rule", () => {
  const t = new Story("luo73");
  const { manager, session } = preserveRam(t);
  manager.preserve(session, memfd(manager, "disk"), 1n, { kernel: "ok" });
  expect(findingsOf(t).map(({ rule }) => rule)).toEqual(["ses-token-reuse"]);
});
