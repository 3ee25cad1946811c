import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { crossBoundary, enableLiveUpdate, takeFreezeFacts } from "../liveupdate/boundary.js";
import type { Machine } from "../machine.js";

/** A kernel starts: the first of the trace, or the next one. */
export function boot(machine: Machine, event: EventOf<"boot">): Outcome {
  const call = new Call(machine, machine.nobody, event);
  call.unjudged();
  if (event.kind !== "start" || machine.processes.size > 0) {
    crossBoundary(machine, event);
    return call;
  }
  enableLiveUpdate(machine.liveUpdate, event);
  takeFreezeFacts(machine, event);
  const { epoch } = machine;
  machine.emit({ kind: "kernel_booted", how: "start", epoch, arrived: [], lost: [] });
  return call;
}
