import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { OtherFile } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import { SocketFile } from "../file/socket-file.js";
import type { Machine } from "../machine.js";

/** sendmsg(2) with SCM_RIGHTS: the files are in flight until the peer receives or closes. */
export function sendFds(machine: Machine, event: EventOf<"send_fds">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  const socket = process.fds.get(event.socket)?.object;
  // Messages without descriptors pass the same way; they are not followed.
  if (!(socket instanceof SocketFile) || event.fds.length === 0 || !call.accept()) return call;
  const files = event.fds.map((fd) => process.fds.get(fd));
  socket.peer?.send(
    files.filter((file) => file !== undefined),
    process.pid,
  );
  return call;
}

/** recvmsg(2) with SCM_RIGHTS: new numbers for the files of the oldest message. */
export function receiveFds(machine: Machine, event: EventOf<"receive_fds">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  if (event.fds.length === 0 || !call.accept()) return call;
  const socket = process.fds.get(event.socket)?.object;
  const message = socket instanceof SocketFile ? socket.receive() : undefined;
  const sender = message === undefined ? undefined : machine.processes.get(message.from);
  event.fds.forEach((fd, index) => {
    const sent: OpenFile | undefined = message?.files[index];
    // A message that was not recorded still makes descriptors; what they name stays unknown.
    const path = event.paths?.[index] ?? "received descriptor";
    const file = sent ?? machine.newFile(new OtherFile(path), 0);
    machine.installFd(process, fd, file, event.cloexec);
    machine.emit({ kind: "file_passed", file, from: sender, to: process, fd });
  });
  for (const file of message?.files ?? []) file.put(machine);
  return call;
}
