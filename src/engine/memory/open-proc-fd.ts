import { type Call, O_CLOEXEC } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { openOther } from "../file/open-other.js";
import { Memfd } from "./memfd.js";

/**
 * open(2) of /proc/<pid>/fd/<n>: for a memfd a second open file description of the same file, with
 * its own position and access mode.
 */
export function openProcFd(call: Call<EventOf<"open">>): void {
  const { machine, process, event } = call;
  const [, , pid = "self", , number = ""] = event.path.split("/");
  const owner = pid.endsWith("self") ? process : machine.processes.get(Number(pid));
  const object = owner?.fds.get(Number(number))?.object;
  if (!(object instanceof Memfd)) {
    openOther(call);
    return;
  }
  call.unjudged();
  if (!call.accept()) return;
  const file = machine.newFile(object, event.flags);
  const fd = call.installFile(event.ret, file, (event.flags & O_CLOEXEC) !== 0);
  call.ret = call.adopt("ret", fd, event.ret);
}
