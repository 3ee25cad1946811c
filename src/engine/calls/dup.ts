import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** dup(2), dup2(2), dup3(2), F_DUPFD: another number for the same open file description. */
export function dup(machine: Machine, event: EventOf<"dup">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  call.unjudged();
  const file = process.fds.get(event.fd);
  if (file === undefined || !call.accept()) return call;
  const fixed = event.how === "dup2" || event.how === "dup3";
  const own = fixed ? (event.target ?? 0) : process.fds.lowestFree(event.target ?? 0);
  const number = call.adopt("ret", own, event.ret);
  if (number === event.fd) return call;
  const cloexec = event.how === "F_DUPFD_CLOEXEC" || event.cloexec === true;
  if (process.fds.get(number) !== undefined) machine.closeFd(process, number);
  machine.installFd(process, number, file, cloexec);
  return call;
}
