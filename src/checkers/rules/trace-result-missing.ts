import type { Event } from "../../engine/event/index.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule, type RoutineView } from "../rule.js";

/** Calls whose result decides what state their objects are in. */
interface Answerable {
  readonly ret?: number | undefined;
  readonly never_returned?: true | undefined;
}

export const traceResultMissing = defineRule({
  id: "trace-result-missing",
  family: "trace",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "In a recorded trace every ioctl, open and reboot says what it was answered.",
  sources: ["requirement of the analysis: the state of an object follows from the answers"],
  messages: {
    missing: "{op} has no recorded result; the analysis goes on with the model's own answer",
  },

  create(context) {
    /** The first call of each operation without a result, and how many more there are. */
    const missing = new Map<string, { seq: number; count: number }>();
    let recorded = 0;

    function look(op: string, event: Event & Answerable): void {
      if (event.ret !== undefined || event.never_returned === true) {
        recorded++;
        return;
      }
      const known = missing.get(op);
      if (known === undefined) missing.set(op, { seq: event.seq, count: 1 });
      else known.count++;
    }

    function count(): void {
      recorded++;
    }

    function isRecorded(call: RoutineView): boolean {
      return call.recorded;
    }

    return {
      // A call without a result is looked at as an event.
      routine: { map: isRecorded, map_file: isRecorded, unmap: isRecorded },
      passed: { map: count, map_file: count, unmap: count },
      ioctl_any: (event) => look(event.op, event),
      event: { open: (event) => look("open", event), reboot: (event) => look("reboot", event) },
      finish() {
        // A trace without any result was written by hand: the model's answers are meant.
        if (recorded === 0) return;
        for (const [op, { seq, count }] of missing) {
          for (let hit = 0; hit < count; hit++) {
            context.report({
              message: "missing",
              seq,
              objects: [plainName("operation", op)],
              data: { op },
            });
          }
        }
      },
    };
  },
});
