import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { openOther } from "../file/open-other.js";
import { openerOf } from "../file/openers.js";
import type { Machine } from "../machine.js";
import { openProcFd } from "../memory/open-proc-fd.js";

const O_PATH = 0o10000000;

/** open(2). Device nodes the model knows are opened by their own code; the rest is opaque. */
export function open(machine: Machine, event: EventOf<"open">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const opener = openerOf(event.path);
  // O_PATH names a file without opening it; only a descriptor of a descriptor still has one.
  if (opener === undefined || ((event.flags & O_PATH) !== 0 && opener !== openProcFd)) {
    openOther(call);
  } else opener(call);
  return call;
}
