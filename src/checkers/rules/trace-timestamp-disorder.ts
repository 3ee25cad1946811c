import type { Event } from "../../engine/event/index.js";
import { ABSENT, ROUTINE_KINDS, type RoutineKind } from "../../engine/routine/routine-call.js";
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
    /** What `isForward` found for the routine call at work. */
    let seen_before: LastSeen | undefined;

    function isForward(call: RoutineView): boolean {
      seen_before = last.get(call.tid === ABSENT ? call.pid : call.tid);
      const ts = endOf(call);
      return seen_before === undefined || ts === ABSENT || ts >= seen_before.ts;
    }

    function remember(call: RoutineView): void {
      const { seq } = call;
      const ts = endOf(call);
      if (ts === ABSENT) return;
      if (seen_before === undefined) {
        last.set(call.tid === ABSENT ? call.pid : call.tid, { seq, ts });
        return;
      }
      seen_before.seq = seq;
      seen_before.ts = ts;
    }

    return {
      routine: forAll(isForward),
      passed: forAll(remember),
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

/** The same for every kind of routine call. */
function forAll<T>(listener: T): Record<RoutineKind, T> {
  return Object.fromEntries(ROUTINE_KINDS.map((kind) => [kind, listener])) as Record<
    RoutineKind,
    T
  >;
}
