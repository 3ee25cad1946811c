import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { isWritable, type MemfdFd, memfdAt } from "../memory/memfd-fd.js";
import { checkSealing, impliedSeals } from "../memory/sealing.js";

const FD_CLOEXEC = 1;

/** fcntl(2): seals of memfds are predicted, FD_CLOEXEC is followed, the rest is not looked at. */
export function fcntl(machine: Machine, event: EventOf<"fcntl">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const target = memfdAt(process, event.fd);
  if (target !== undefined && event.cmd === "F_ADD_SEALS") addSeals(call, target);
  else if (target !== undefined && event.cmd === "F_GET_SEALS") call.accept(target.memfd.seals);
  else {
    call.unjudged();
    if (event.cmd === "F_SETFD" && call.accept()) {
      process.fds.setCloexec(event.fd, (event.arg & FD_CLOEXEC) !== 0);
    }
  }
  return call;
}

function addSeals(call: Call<EventOf<"fcntl">>, { file, memfd }: MemfdFd): void {
  const seals = BigInt.asUintN(64, BigInt(call.event.arg));
  const refused = checkSealing(call.machine, memfd, seals, isWritable(file));
  if (refused !== undefined) call.reject(refused.errno, refused.why);
  if (refused === undefined ? !call.accept() : !call.observedSuccess) return;
  memfd.addSeals(call.machine, impliedSeals(memfd, Number(seals)));
}
