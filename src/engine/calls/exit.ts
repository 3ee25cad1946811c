import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

const SIGKILL = 9;

/** The process ends: its descriptors are closed. */
export function exit(machine: Machine, event: EventOf<"exit">): Outcome {
  const process = machine.processes.get(event.pid);
  if (process !== undefined) {
    machine.endProcess(process, event.signal === undefined ? "exit" : "signal");
  }
  return machine.observe(event);
}

/** A parent learnt of an end. A child killed by a signal leaves no line of its own. */
export function wait(machine: Machine, event: EventOf<"wait">): Outcome {
  const pid = event.child ?? event.ret;
  const ended = event.code !== undefined || event.signal !== undefined;
  const process = pid === undefined ? undefined : machine.processes.get(pid);
  if (process !== undefined && ended) {
    machine.endProcess(process, event.signal === undefined ? "exit" : "signal");
  }
  return machine.observe(event);
}

/** kill(2). SIGKILL ends the target before the call returns to user space, near enough. */
export function kill(machine: Machine, event: EventOf<"kill">): Outcome {
  const process = machine.processes.get(event.target);
  const delivered = event.ret === undefined || event.ret === 0;
  if (process !== undefined && delivered && event.signal === SIGKILL) {
    machine.endProcess(process, "signal");
  }
  return machine.observe(event);
}
