import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** munmap(2). Whole pages go, those the end of the range touches included. */
export function munmap(machine: Machine, event: EventOf<"munmap">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (!call.accept()) return call;
  const unit = process.mm.locate(event.addr)?.object.huge_bytes ?? machine.page_size;
  process.mm.unmap(event.addr, ((event.length + unit - 1n) / unit) * unit);
  return call;
}
