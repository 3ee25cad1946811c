import type { Event } from "../../engine/event/index.js";
import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY, type RoutineView } from "../rule.js";

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

    function count(op: string, seq: number, answered: boolean): void {
      if (answered) {
        recorded++;
        return;
      }
      const known = missing.get(op);
      if (known === undefined) missing.set(op, { seq, count: 1 });
      else known.count++;
    }

    function look(op: string, { seq, ret, never_returned }: Event & Answerable): void {
      count(op, seq, ret !== undefined || never_returned === true);
    }

    function pass({ op, seq, recorded: answered }: RoutineView): void {
      count(op, seq, answered);
    }

    return {
      routine: {
        map: NOTHING_TO_SAY,
        map_file: NOTHING_TO_SAY,
        unmap: NOTHING_TO_SAY,
        open: NOTHING_TO_SAY,
      },
      passed: { map: pass, map_file: pass, unmap: pass, open: pass },
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
