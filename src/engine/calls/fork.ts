import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** fork(2), seen by the parent. The child may have been seen first. */
export function fork(machine: Machine, event: EventOf<"fork">): Outcome {
  const parent = machine.process(event.pid);
  const call = new Call(machine, parent, event);
  call.unjudged();
  const childPid = event.child ?? event.ret;
  if (childPid === undefined || childPid <= 0 || !call.accept(childPid)) return call;
  const known = machine.processes.get(childPid);
  if (known === parent || known?.parent === parent) return call;
  // The number is used again: its last owner ended unseen.
  if (known !== undefined) machine.endProcess(known, "exit");
  machine.startProcess(childPid, parent);
  return call;
}

/** The child's first event. It is recorded before the parent's where the child ran first. */
export function child(machine: Machine, event: EventOf<"child">): Outcome {
  const parent = machine.processes.get(event.ppid);
  const known = machine.processes.get(event.pid);
  const reused = known?.parent !== undefined && known.parent.pid !== event.ppid;
  if (known !== undefined && reused) machine.endProcess(known, "exit");
  if (known === undefined || reused) machine.startProcess(event.pid, parent);
  return machine.observe(event);
}
