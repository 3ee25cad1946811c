import { boot } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

interface At {
  readonly pid?: number;
  readonly tid?: number;
  readonly ts: number;
  readonly ts_end?: number;
}

/** Adds a note at a time of its own. */
function noteAt(t: Story, text: string, at: At): void {
  const event = t.add({ type: "note", text }).event;
  Object.assign(event, at);
}

describeRule("trace-timestamp-disorder", {
  profile: "luo73",
  fires(t) {
    noteAt(t, "first", { pid: 4, ts: 10 });
    noteAt(t, "second", { pid: 4, ts: 9 });
    t.found("warning", "thread 4: time goes back from 10 ns to 9 ns");
  },
  silent(t) {
    noteAt(t, "one process", { pid: 4, ts: 10 });
    noteAt(t, "another one", { pid: 5, ts: 9 });
    noteAt(t, "the same moment", { pid: 4, ts: 10 });
    boot(t, "cold");
    noteAt(t, "a new kernel, a new clock", { pid: 4, ts: 1 });
  },
  cases: {
    "a call that began early and ended late is in order"(t) {
      noteAt(t, "short", { pid: 4, ts: 20, ts_end: 30 });
      noteAt(t, "long", { pid: 4, ts: 10, ts_end: 40 });
    },
    "two threads of one process have their own order"(t) {
      noteAt(t, "main", { pid: 4, ts: 20 });
      noteAt(t, "worker", { pid: 4, tid: 7, ts: 10 });
      noteAt(t, "worker", { pid: 4, tid: 7, ts: 5 });
      t.found("warning", "thread 7: time goes back from 10 ns to 5 ns");
    },
    "what happens outside of processes is one stream"(t) {
      t.add({ type: "bus_master", device: "0000:00:02.0", enabled: true });
      noteAt(t, "before that", { ts: 6 });
      t.found("warning", "outside of processes: time goes back from 2000000 ns to 6 ns");
    },
    "a repetition is counted, not repeated"(t) {
      noteAt(t, "a", { pid: 4, ts: 9 });
      noteAt(t, "b", { pid: 4, ts: 8 });
      t.found("warning", "thread 4: time goes back from 9 ns to 8 ns", 2);
      noteAt(t, "c", { pid: 4, ts: 7 });
    },
  },
});
