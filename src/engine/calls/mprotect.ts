import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** mprotect(2). */
export function mprotect(machine: Machine, event: EventOf<"mprotect">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  const unit = machine.page_size;
  const length = ((event.length + unit - 1n) / unit) * unit;
  if (call.accept()) process.mm.protect(event.addr, length, event.prot);
  return call;
}
