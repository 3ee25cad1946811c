import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { openOther } from "../file/open-other.js";
import { openerOf } from "../file/openers.js";
import type { Machine } from "../machine.js";

/** open(2). Device nodes the model knows are opened by their own code; the rest is opaque. */
export function open(machine: Machine, event: EventOf<"open">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const opener = openerOf(event.path) ?? openOther;
  opener(call);
  return call;
}
