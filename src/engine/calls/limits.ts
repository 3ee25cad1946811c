import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { Capability } from "../process/process.js";

const CAPABILITIES: readonly Capability[] = [
  "CAP_IPC_LOCK",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_ADMIN",
];

export function setrlimit(machine: Machine, event: EventOf<"setrlimit">): Outcome {
  const process = machine.process(event.pid);
  if (event.ret === undefined || event.ret === 0) {
    if (event.resource === "RLIMIT_MEMLOCK") process.rlimit_memlock = event.cur;
    if (event.resource === "RLIMIT_NOFILE") process.rlimit_nofile = event.cur;
  }
  return machine.observe(event);
}

/** Capabilities in cap_to_text form: `=ep cap_ipc_lock-e` is all but one. */
export function capset(machine: Machine, event: EventOf<"capset">): Outcome {
  const process = machine.process(event.pid);
  if (event.ret !== undefined && event.ret !== 0) return machine.observe(event);
  const all = /(^|\s)=\w*e/.test(event.caps);
  for (const capability of CAPABILITIES) {
    const name = capability.toLowerCase();
    const dropped = new RegExp(`(^|[\\s,])${name}[\\w,]*-\\w*e`).test(event.caps);
    const raised = new RegExp(`(^|[\\s,])${name}[\\w,]*[+=]\\w*e`).test(event.caps);
    if ((all && !dropped) || raised) process.droppedCapabilities.delete(capability);
    else process.droppedCapabilities.add(capability);
  }
  return machine.observe(event);
}
