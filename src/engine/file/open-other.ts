import { type Call, O_CLOEXEC } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { OtherFile } from "./file-object.js";

/** Opens a file the model does not look into; nothing is claimed about the result. */
export function openOther(call: Call<EventOf<"open">>): void {
  const { machine, event } = call;
  call.unjudged();
  if (!call.accept()) return;
  const file = machine.newFile(new OtherFile(event.path), event.flags);
  const fd = call.installFile(event.ret, file, (event.flags & O_CLOEXEC) !== 0);
  call.ret = call.adopt("ret", fd, event.ret);
}
