import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** close(2): EBADF for a number that is not open. */
export function close(machine: Machine, event: EventOf<"close">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  if (process.fds.get(event.fd) === undefined) {
    // Descriptors the C library opened are not recorded, so an unknown number proves nothing.
    call.unjudged();
    return call;
  }
  if (call.accept()) machine.closeFd(process, event.fd);
  return call;
}
