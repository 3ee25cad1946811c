import { traceTimestampDisorder as rule } from "../../../src/checkers/rules/trace-timestamp-disorder.js";
import { describeRule } from "../../support/rule-test.js";

describeRule(rule, {
  profile: "luo73",
  fires(t) {
    t.add({ type: "note", text: "first", pid: 4, ts: 10 });
    t.add({ type: "note", text: "second", pid: 4, ts: 9 });
    t.found("warning", "thread 4: time goes back from 10 ns to 9 ns");
  },
  silent(t) {
    t.add({ type: "note", text: "one process", pid: 4, ts: 10 });
    t.add({ type: "note", text: "another one", pid: 5, ts: 9 });
    t.add({ type: "note", text: "the same moment", pid: 4, ts: 10 });
    t.boot("kexec");
    t.add({ type: "note", text: "a new kernel, a new clock", pid: 4, ts: 1 });
  },
  cases: {
    "a call that began early and ended late is in order"(t) {
      t.add({ type: "note", text: "short", pid: 4, ts: 20, ts_end: 30 });
      t.add({ type: "note", text: "long", pid: 4, ts: 10, ts_end: 40 });
    },
    "two threads of one process have their own order"(t) {
      t.add({ type: "note", text: "main", pid: 4, ts: 20 });
      t.add({ type: "note", text: "worker", pid: 4, tid: 7, ts: 10 });
      t.add({ type: "note", text: "worker", pid: 4, tid: 7, ts: 5 });
      t.found("warning", "thread 7: time goes back from 10 ns to 5 ns");
    },
    "what happens outside of processes is one stream"(t) {
      t.add({ type: "bus_master", device: "0000:00:02.0", enabled: true, ts: 7 });
      t.add({ type: "bus_master", device: "0000:00:03.0", enabled: true, ts: 6 });
      t.found("warning", "outside of processes: time goes back from 7 ns to 6 ns");
    },
    "a repetition is counted, not repeated"(t) {
      t.add({ type: "note", text: "a", pid: 4, ts: 9 });
      t.add({ type: "note", text: "b", pid: 4, ts: 8 });
      t.found("warning", "thread 4: time goes back from 9 ns to 8 ns", 2);
      t.add({ type: "note", text: "c", pid: 4, ts: 7 });
    },
  },
});
