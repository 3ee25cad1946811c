import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** unlink(2): a tmpfs file without a name is one that LUO takes. */
export function unlink(machine: Machine, event: EventOf<"unlink">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  const file = machine.tmpfs.get(event.path);
  if (file === undefined || !call.accept()) return call;
  machine.tmpfs.delete(event.path);
  file.unlink(machine);
  return call;
}
