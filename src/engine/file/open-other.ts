import { type Call, O_CLOEXEC } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { OtherFile } from "./file-object.js";

/** Opens a file the model does not look into; nothing is claimed about the result. */
export function openOther(call: Call<EventOf<"open">>): void {
  const { machine, process, event } = call;
  call.unjudged();
  if (!call.accept()) return;
  const fd = event.ret ?? process.fds.lowestFree();
  const file = machine.newFile(new OtherFile(event.path), event.flags);
  machine.installFd(process, fd, file, (event.flags & O_CLOEXEC) !== 0);
}
