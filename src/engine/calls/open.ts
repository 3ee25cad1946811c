import { Call, O_CLOEXEC } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { OtherFile } from "../file/file-object.js";
import { openerOf } from "../file/openers.js";
import type { Machine } from "../machine.js";

/** open(2). Device nodes the model knows are opened by their own code; the rest is opaque. */
export function open(machine: Machine, event: EventOf<"open">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const opener = openerOf(event.path);
  if (opener !== undefined) {
    opener(call);
    return call;
  }
  call.unjudged();
  if (!call.accept() || event.ret === undefined) return call;
  const file = machine.newFile(new OtherFile(event.path), event.flags);
  machine.installFd(process, event.ret, file, (event.flags & O_CLOEXEC) !== 0);
  return call;
}
