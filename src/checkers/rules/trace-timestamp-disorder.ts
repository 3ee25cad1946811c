import type { Event } from "../../engine/event/index.js";
import { ABSENT } from "../../engine/routine/routine-call.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule, type RoutineView } from "../rule.js";

interface LastSeen {
  seq: number;
  ts: number;
}

/** What happens outside processes shares one stream a kernel. */
const NO_THREAD = -1;

export const traceTimestampDisorder = defineRule({
  id: "trace-timestamp-disorder",
  family: "trace",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "Within one thread of one kernel, time does not run backwards.",
  sources: ["requirement of the analysis: rules about order rely on it"],
  messages: {
    backwards: "{thread}: time goes back from {before} ns to {after} ns",
  },

  create(context) {
    const last = new Map<number, LastSeen>();
    function isForward(call: RoutineView): boolean {
      const seen = last.get(call.tid === ABSENT ? call.pid : call.tid);
      return seen === undefined || endOf(call) === ABSENT || endOf(call) >= seen.ts;
    }

    return {
      routine: {
        map: isForward,
        map_file: isForward,
        unmap: isForward,
        dma: isForward,
        cpu_write: isForward,
        note: isForward,
      },
      passed(call) {
        const { seq } = call;
        const ts = endOf(call);
        if (ts === ABSENT) return;
        const thread = call.tid === ABSENT ? call.pid : call.tid;
        const seen = last.get(thread);
        if (seen === undefined) {
          last.set(thread, { seq, ts });
          return;
        }
        seen.seq = seq;
        seen.ts = ts;
      },
      any(event) {
        // Each kernel has a clock of its own.
        if (event.type === "boot") last.clear();
        // An event is written when its call has returned, so the end decides.
        const ts = event.ts_end ?? event.ts;
        if (ts === undefined) return;
        const thread = event.tid ?? event.pid ?? NO_THREAD;
        const seen = last.get(thread);
        if (seen === undefined) {
          last.set(thread, { seq: event.seq, ts });
          return;
        }
        if (ts < seen.ts) report(event, thread, seen, ts);
        seen.seq = event.seq;
        seen.ts = ts;
        if (event.type === "exit" && event.pid === thread) last.delete(thread);
      },
    };

    function report(event: Event, thread: number, seen: LastSeen, ts: number): void {
      const name = thread === NO_THREAD ? "outside of processes" : `thread ${thread}`;
      context.report({
        message: "backwards",
        seq: event.seq,
        objects: [{ ...plainName("thread", name), stable: "thread" }],
        witness: [seen.seq],
        data: { thread: name, before: seen.ts, after: ts },
      });
    }
  },
});

/** When the call returned, as far as the line tells; ABSENT where it does not. */
function endOf({ ts, ts_end }: RoutineView): number {
  return ts_end === ABSENT ? ts : ts_end;
}
