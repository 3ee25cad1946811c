import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { OtherFile } from "../file/file-object.js";
import { SocketFile } from "../file/socket-file.js";
import type { Machine } from "../machine.js";

/** pipe, socketpair, eventfd and the like. Only socket pairs are looked into: they carry fds. */
export function newFds(machine: Machine, event: EventOf<"new_fds">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (!call.accept()) return call;
  const pair = event.what === "socketpair" ? [new SocketFile(), new SocketFile()] : [];
  const [a, b] = pair;
  if (a !== undefined && b !== undefined) {
    a.peer = b;
    b.peer = a;
  }
  event.fds.forEach((fd, index) => {
    const object = pair[index] ?? new OtherFile(event.what);
    machine.installFd(process, fd, machine.newFile(object, 0), false);
  });
  return call;
}
